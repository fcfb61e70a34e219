package hub

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"

	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
)

// Control runs some of Kubernetes' own controllers beside the hub until the test is over, such as "deployment-controller".
// There are no nodes: Pods are made, and stay pending.
func (h *Hub) Control(ctx context.Context, t *testing.T, cache *parts.Cache, controllers ...string) {
	t.Helper()
	manager := program(ctx, t, cache, "kube-controller-manager")
	host, port, _ := net.SplitHostPort(process.Addresses(t, 1)[0])
	process.Start(t, "kube-controller-manager", exec.Command(manager, "--kubeconfig="+h.Kubeconfig,
		"--controllers="+strings.Join(controllers, ","), "--leader-elect=false",
		"--bind-address="+host, "--secure-port="+port, "--cert-dir="+t.TempDir()))
}
