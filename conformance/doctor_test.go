package conformance

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/doctor"
)

// While nothing asks Kyverno, doctor says that no policy is enforced; once the real Kyverno is asked, every policy refuses. The
// real kubectl asks.
func TestDoctorSeesWhetherPoliciesRefuse(t *testing.T) {
	admissionServer := newAdmissionServer(t, "..", "prod-eu")
	kubectl, err := cache(t).Program(admissionServer.ctx, "kubectl")
	require.NoError(t, err)
	try := func(object []byte) (bool, string, error) {
		command := exec.Command(kubectl, "--kubeconfig="+admissionServer.server.Kubeconfig, "create", "--dry-run=server", "-f", "-")
		command.Stdin = strings.NewReader(string(object))
		said, err := command.CombinedOutput()
		return err == nil, string(said), nil
	}
	look := func() []doctor.Symptom {
		symptoms, asked, err := doctor.LookAtPolicies("prod-eu", admissionServer.spoke.subjects, try)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, asked, 10)
		return symptoms
	}
	found := look()
	require.NotEmpty(t, found)
	assert.Contains(t, found[0].Message, "the cluster would take")
	admissionServer.admit(t)
	admissionServer.apply(t)
	require.Eventually(t, func() bool {
		found = look()
		return len(found) == 0
	}, 5*time.Minute, time.Second, "after Kyverno is asked")
}
