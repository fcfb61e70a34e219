package conformance

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/process"
)

// The cases of other targets are put before the real API server too. Claims and namespaced composites of one name
// exclude each other, so each generation has a server of its own.
func TestTargetsAreAcceptedByTheAPIServer(t *testing.T) {
	all := judgeable(t, read(t, "../cmd/spokewright/testdata/targets"))
	for _, generation := range []string{"claims", "namespaced"} {
		t.Run(generation, func(t *testing.T) {
			var cases []documents.Document
			for _, document := range all {
				if strings.Contains(filepath.Base(document.Source), "-claims.yaml") == (generation == "claims") {
					cases = append(cases, document)
				}
			}
			require.NotEmpty(t, cases)
			ctx := process.Context(t)
			server := furnished(ctx, t, cases)
			for _, document := range cases {
				if _, err := server.Judge(ctx, document); err != nil {
					t.Error(err)
				}
			}
			t.Logf("%d objects of %d kinds judged", len(cases), len(oneOfEachKind(cases)))
		})
	}
}
