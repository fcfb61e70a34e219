package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/internal/manifest"
)

// judgements are random constraints, values near them, and the verdicts of package constraint's own judge; they are
// drawn by the property test that compares that judge with CUE itself.
type judgements struct {
	Constraints []struct{ Text, CEL string }
	Values      []any
	Satisfied   [][]bool // by constraint, by value
}

// Random constraints in CEL judge random values: the real Kyverno gives the verdict that CUE gives, for every pair.
func TestKyvernoAgreesOnRandomConstraints(t *testing.T) {
	t.Parallel()
	kyvernoCLI := newKyvernoCLI(t)
	seed := cmp.Or(os.Getenv("SPOKEWRIGHT_SEED"), "1") // the same pairs each time, so that none is red by chance
	t.Logf("SPOKEWRIGHT_SEED=%s", seed)
	near, satisfied, pairs := 0, 0, 0
	for number, drawn := range draw(t, seed) {
		request := askedOfEach(drawn)
		answers := kyvernoCLI.judge(t, request)
		each := len(drawn.Values) / len(drawn.Constraints)
		for i, policy := range request.Policies {
			for j, object := range request.Objects {
				want := map[bool]string{true: "pass", false: "fail"}[drawn.Satisfied[i][j]]
				answer := answers[kyverno.PairOf(policy, object)]
				value, err := json.Marshal(drawn.Values[j])
				require.NoError(t, err)
				assert.Equal(t, want, answer.Verdict, "draw %d: constraint:\n%s\nvalue: %s\nCEL: %s\nKyverno: %s",
					number, drawn.Constraints[i].Text, value, drawn.Constraints[i].CEL, answer.Message)
				pairs++
				if j/each == i { // a value that was drawn for this constraint
					near++
					if drawn.Satisfied[i][j] {
						satisfied++
					}
				}
			}
		}
	}
	t.Logf("%d pairs; of %d with a value near the constraint, %d satisfy it", pairs, near, satisfied)
	assert.GreaterOrEqual(t, pairs, 5000)
	assert.GreaterOrEqual(t, near, 1000)
	assert.Greater(t, satisfied, near/10)
	assert.Less(t, satisfied, near*9/10)
}

func draw(t *testing.T, seed string) []judgements {
	t.Helper()
	file := filepath.Join(t.TempDir(), "judgements.json")
	cmd := exec.Command("go", "test", "-count=1", "-run", "^TestWriteJudgements$", "./internal/constraint")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "SPOKEWRIGHT_JUDGEMENTS="+file, "SPOKEWRIGHT_SEED="+seed)
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
	text, err := os.Open(file)
	require.NoError(t, err)
	defer text.Close()
	decoder := json.NewDecoder(text)
	decoder.UseNumber()
	var drawn []judgements
	require.NoError(t, decoder.Decode(&drawn))
	for _, each := range drawn {
		for i, value := range each.Values {
			each.Values[i] = numbers(value)
		}
	}
	return drawn
}

// numbers keeps whole numbers whole.
func numbers(value any) any {
	switch x := value.(type) {
	case json.Number:
		if whole, err := x.Int64(); err == nil {
			return whole
		}
		fraction, _ := x.Float64() // it was written as JSON
		return fraction
	case float64:
		if x == math.Trunc(x) {
			return int64(x)
		}
	case map[string]any:
		for name, inner := range x {
			x[name] = numbers(inner)
		}
	case []any:
		for i, inner := range x {
			x[i] = numbers(inner)
		}
	}
	return value
}

// askedOfEach asks for every constraint about every value, as the spec of an object.
func askedOfEach(drawn judgements) kyverno.Request {
	var r kyverno.Request
	for i, constraint := range drawn.Constraints {
		policy := manifest.New("policies.kyverno.io/v1", "NamespacedValidatingPolicy", "trial", fmt.Sprintf("constraint-%d", i))
		policy["spec"] = map[string]any{
			"validationActions": []any{"Deny"},
			"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
				"apiGroups": []any{"trial.example.com"}, "apiVersions": []any{"v1"}, "operations": []any{"CREATE"}, "resources": []any{"things"},
			}}},
			"validations": []any{map[string]any{"expression": constraint.CEL, "message": "no"}},
		}
		r.Policies = append(r.Policies, policy)
	}
	for i, value := range drawn.Values {
		object := manifest.New("trial.example.com/v1", "Thing", "trial", fmt.Sprintf("value-%d", i))
		object["spec"] = value
		r.Objects = append(r.Objects, object)
	}
	return r
}
