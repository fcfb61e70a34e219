package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/cuefile"
)

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"0.1.0", "0.1.0", false}, {"0.1.0", "0.1.1", true}, {"0.9.0", "0.10.0", true}, {"1.0.0", "0.10.0", false},
		{"v0.1.0", "0.2.0", true}, {"0.2.0-3-gabc-dirty", "0.2.0", false}, {"0.1.0", "", false}, {"unknown", "0.0.1", true},
	} {
		require.Equal(t, c.want, Older(c.a, c.b), "%s before %s", c.a, c.b)
	}
}

// TestMinVersionIsFound finds the field among others, and nothing else in its place.
func TestMinVersionIsFound(t *testing.T) {
	for text, want := range map[string]string{
		`minVersion: "1.2.3"`: "1:13 1.2.3",
		"name: \"trial\" // minVersion: \"9.9.9\"\nrepository: {url: \"https://git.example.com/f.git\"}, \"minVersion\": \"1.2.3\"\n": "2:67 1.2.3",
		"package fleet\nclasses: [_]: {minVersion: \"9.9.9\"}\nminVersion:\n\t\"1.2.3\"":                                              "4:2 1.2.3",
		"owner: \"minVersion: 9.9.9\"":               "",
		"name: minVersion, owner: \"9.9.9\"":         "",
		"minVersion: =~\"^1\"":                       "",
		"minVersion":                                 "",
		"minVersion: \"1.2":                          "",
		"newer: field: [_, {minVersion: \"9.9.9\"}]": "",
		"": "",
	} {
		got := ""
		if found, at := cuefile.TextField(FleetFile, []byte(text), "minVersion"); found != "" {
			got = fmt.Sprintf("%d:%d %s", at.Line, at.Column, found)
		}
		require.Equal(t, want, got, text)
	}
}

// TestMinVersionOfHostileText gives up on what the parser would spend too much on.
func TestMinVersionOfHostileText(t *testing.T) {
	for _, text := range []string{strings.Repeat("[", 1<<20), strings.Repeat("a: ", 80_000), "minVersion: \"9.9.9\"\n//" + strings.Repeat("x", 1<<20)} {
		found, _ := cuefile.TextField(FleetFile, []byte(text), "minVersion")
		require.Empty(t, found)
	}
}
