package applicationset_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// samples are sets of every kind; a test of the module conformance compares what becomes of them with the real Argo CD.
const samples = "../../conformance/testdata/applicationsets"

func objects(t testing.TB, file string) []manifest.Object {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	all, err := manifest.Objects(text)
	require.NoError(t, err)
	return all
}

// templated is a set of one element whose Application has an annotation that is made by a template.
func templated(text string) manifest.Object {
	return set(map[string]any{
		"goTemplate": true,
		"generators": []any{map[string]any{"list": map[string]any{"elements": []any{map[string]any{"name": "a", "list": []any{"x", "y"}}}}}},
		"template": map[string]any{
			"metadata": map[string]any{"name": "{{ .name }}", "annotations": map[string]any{"made": text}},
			"spec":     map[string]any{"project": "default", "destination": map[string]any{"name": "in-cluster"}},
		},
	})
}

// What a template asks for is refused before it is done, wherever a little text asks for much.
func TestTemplatesAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"loops":            `{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}`,
		"loops of a list":  `{{ range until 10000 }}{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}{{ end }}`,
		"many loops":       strings.Repeat("{{ range .list }}", 30) + strings.Repeat("{{ end }}", 30),
		"recursion":        `{{ define "a" }}{{ if . }}{{ template "a" (rest .) }}{{ template "a" (rest .) }}{{ end }}{{ end }}{{ template "a" (until 40) }}`,
		"repeat":           `{{ repeat 1000000000 "x" }}`,
		"until":            `{{ until 1000000000 | len }}`,
		"untilStep":        `{{ untilStep 0 1000000000 1 | len }}`,
		"seq":              `{{ seq 1 1000000000 | len }}`,
		"indent":           `{{ indent 1000000000 "x" }}`,
		"printf":           `{{ printf "%999999d%999999d%999999d" 1 2 3 }}`,
		"printf of a star": `{{ printf "%*d" 999999999 1 }}`,
		"printf again":     `{{ $x := repeat 200000 "x" }}{{ printf "%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s" $x }}`,
		"doubling a text":  `{{ $x := "xx" }}{{ range 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ $x }}`,
		"doubling a list":  `{{ $x := list 1 }}{{ range 60 }}{{ $x = concat $x $x }}{{ end }}{{ len $x }}`,
		"a deep list":      `{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}`,
		"a loop of a map":  `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ $x }}`,
		"a late loop":      `{{ $a := dict }}{{ $b := list $a }}{{ range 14 }}{{ $b = list $b $b }}{{ end }}{{ $_ := set $a "x" (until 40000) }}{{ $b }}`,
		"replace":          `{{ $x := repeat 100000 "x" }}{{ replace "x" $x $x }}`,
		"join":             `{{ $x := repeat 100000 "x" }}{{ until 10000 | join $x }}`,
		"wrapWith":         `{{ $x := repeat 100000 "x" }}{{ wrapWith 1 $x $x }}`,
		"replaceAll":       `{{ $x := repeat 100000 "x" }}{{ regexReplaceAll "x" $x $x }}`,
		"a large pattern":  `{{ $x := repeat 100000 "x" }}{{ range 100 }}{{ regexMatch "((x{100}){10}y|(x{100}){10}z)" $x }}{{ end }}`,
		"uniq":             `{{ $x := until 40000 }}{{ range 10 }}{{ $_ := uniq $x }}{{ end }}`,
		"a long template":  strings.Repeat("x", 200_000) + "{{ .name }}",
		"a long text":      `{{ $x := repeat 100000 "x" }}` + strings.Repeat("{{ $x }}", 20),
	} {
		t.Run(name, func(t *testing.T) {
			made, found := applicationset.Expand(templated(text), applicationset.World{})
			assert.Empty(t, made)
			require.Len(t, found, 1)
			assert.Equal(t, finding.SetUnknown, found[0].Code, found[0].Message)
			assert.Contains(t, found[0].Message, "it would be too much work")
		})
	}
}

// What is not the same twice is not told at all.
func TestUnsteadyFunctions(t *testing.T) {
	for _, name := range []string{"now", "uuidv4", "randAlphaNum 3", "genPrivateKey \"rsa\"", "date \"2006\" 0", "htpasswd \"a\" \"b\""} {
		made, found := applicationset.Expand(templated("{{ "+name+" }}"), applicationset.World{})
		assert.Empty(t, made, name)
		require.Len(t, found, 1, name)
		assert.Equal(t, finding.SetUnknown, found[0].Code, name)
		assert.Contains(t, found[0].Message, "a template calls "+strings.Fields(name)[0])
	}
}

func TestPairsAreBounded(t *testing.T) {
	var elements []any
	for i := range 5000 {
		elements = append(elements, map[string]any{"name": fmt.Sprint("a", i)})
	}
	list := map[string]any{"list": map[string]any{"elements": elements}}
	spec := templated("x")["spec"].(map[string]any)
	spec["generators"] = []any{map[string]any{"matrix": map[string]any{"generators": []any{list, list}}}}
	made, found := applicationset.Expand(set(spec), applicationset.World{})
	assert.Empty(t, made)
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Message, "it would be too much work")
}

// FuzzExpand: whatever a set says, it ends, with Applications that can be written or with a reason.
func FuzzExpand(f *testing.F) {
	files, err := filepath.Glob(samples + "/sets/*.yaml")
	require.NoError(f, err)
	for _, file := range files {
		for _, set := range objects(f, file) {
			text, err := json.Marshal(set)
			require.NoError(f, err)
			f.Add(string(text), "name: a\nlist: [1, {x: y}]\n")
		}
	}
	f.Fuzz(func(t *testing.T, text, file string) {
		var set manifest.Object
		if json.Unmarshal([]byte(text), &set) != nil {
			t.Skip("no object")
		}
		tree := fstest.MapFS{"config/a.yaml": &fstest.MapFile{Data: []byte(file)}, "clusters/dev/config.json": &fstest.MapFile{Data: []byte(file)}}
		secret := manifest.New("v1", "Secret", "argocd", "dev")
		secret["stringData"] = map[string]any{"name": "dev", "server": "https://dev.example.com"}
		world := applicationset.World{Repository: "https://git.example.com/harbour/fleet", Tree: tree, Clusters: []manifest.Object{secret}}
		made, _ := applicationset.Expand(set, world)
		manifest.Stream(made)
		for _, application := range made {
			_, _ = world.Sources(application)
		}
	})
}
