package conformance

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/process"
)

// `make sbom` writes a bill of each program that is released, with the program's own sum.
func TestMakeWritesTheBills(t *testing.T) {
	_, err := output(makeTarget(t, "sbom"))
	require.NoError(t, err)
	for _, platform := range []string{"linux-amd64", "linux-arm64"} {
		program, err := os.ReadFile(filepath.Join("../bin", "spokewright-"+platform))
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join("../bin", "spokewright-"+platform+".cdx.json"))
		require.NoError(t, err)
		var bill struct {
			BOMFormat, SpecVersion string
			Metadata               struct {
				Component struct {
					Name   string
					Hashes []struct{ Content string }
				}
			}
			Components []struct{ Name, Version string }
		}
		require.NoError(t, json.Unmarshal(text, &bill))
		require.Equal(t, "CycloneDX", bill.BOMFormat)
		require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(program)), bill.Metadata.Component.Hashes[0].Content, platform)
		require.Greater(t, len(bill.Components), 20)
	}
}

// `make vuln` does not pass for clean where the vulnerability database is out of reach: it fails, and says that nothing is
// known.
func TestMakeDoesNotPassUnchecked(t *testing.T) {
	command := makeTarget(t, "vuln")
	command.Env = append(os.Environ(), "GOVULNDB=file://"+filepath.ToSlash(filepath.Join(t.TempDir(), "missing")))
	_, err := output(command)
	require.ErrorContains(t, err, "make vuln: NOT CHECKED: the scan failed")
}

func makeTarget(t *testing.T, target string) *exec.Cmd {
	command := exec.CommandContext(process.Context(t), "make", "--silent", target)
	command.Dir = ".."
	return command
}
