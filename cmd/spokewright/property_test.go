package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// legal draws the spec of an environment: everything that a spec may say, in values that every rule allows.
func legal(t *rapid.T) map[string]any {
	cloud := rapid.SampledFrom([]string{"aws", "azure", "gcp"}).Draw(t, "cloud")
	spec := map[string]any{
		"class": rapid.SampledFrom([]string{"development", "staging", "production"}).Draw(t, "class"),
		"cluster": map[string]any{
			"cloud": cloud,
			"region": rapid.SampledFrom(map[string][]string{
				"aws": {"eu-west-1", "us-east-2"}, "azure": {"westeurope", "eastus2"}, "gcp": {"europe-west1", "us-east4"},
			}[cloud]).Draw(t, "region"),
			"nodes": map[string]any{"min": rapid.IntRange(3, 9).Draw(t, "min"), "max": rapid.IntRange(12, 40).Draw(t, "max")},
		},
	}
	may := func(name string, draw func() any) {
		if rapid.Bool().Draw(t, name+"?") {
			spec[name] = draw()
		}
	}
	may("owner", func() any { return rapid.StringMatching(`[A-Za-z][a-z0-9.]{0,20}[a-z]`).Draw(t, "owner") })
	may("description", func() any { return rapid.StringMatching(`[A-Za-z][ -z]{0,40}`).Draw(t, "description") })
	may("labels", func() any { return drawn(t, "label", func(string) any { return words().Draw(t, "label") }) })
	may("apps", func() any { return drawn(t, "app", func(string) any { return app(t) }) })
	may("databases", func() any { return drawn(t, "db", func(string) any { return database(t) }) })
	may("namespaces", func() any {
		return drawn(t, "ns", func(string) any { return map[string]any{"labels": map[string]any{"tier": words().Draw(t, "tier")}} })
	})
	may("addons", func() any {
		return map[string]any{"logging": map[string]any{"enabled": rapid.Bool().Draw(t, "logging")}}
	})
	return spec
}

// words are label values that a careless YAML writer would turn into something else, among others.
func words() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{"no", "on", "null", "1.30", "0x1F", "1e3", "08", "2026-01-01", "true"}), rapid.StringMatching(`[a-z]{1,12}`))
}

// drawn is a map of up to three things.
func drawn(t *rapid.T, prefix string, draw func(name string) any) map[string]any {
	things := map[string]any{}
	for i := range rapid.IntRange(0, 3).Draw(t, prefix+"s") {
		name := fmt.Sprintf("%s%d", prefix, i)
		things[name] = draw(name)
	}
	return things
}

func app(t *rapid.T) map[string]any {
	switch rapid.SampledFrom([]string{"folder", "values", "chart"}).Draw(t, "kind of app") {
	case "folder":
		return map[string]any{"path": "apps/" + rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "path"), "images": map[string]any{
			"main": map[string]any{"name": "registry.example.com/trial/main", "follow": "~" + rapid.StringMatching(`[0-9]\.[0-9]{1,2}`).Draw(t, "follow")},
		}}
	case "values":
		return map[string]any{"path": "charts/web", "type": "helm", "values": map[string]any{
			"replicas": rapid.IntRange(2, 9).Draw(t, "replicas"), "word": words().Draw(t, "word"),
			"list": []any{1, "on", false}, "deep": map[string]any{"b": "x", "a": rapid.Bool().Draw(t, "a")},
		}}
	}
	return map[string]any{"chart": "cache", "repository": "https://charts.example.com/stable", "version": rapid.StringMatching(`[0-9]{1,2}\.[0-9]\.0`).Draw(t, "version")}
}

func database(t *rapid.T) map[string]any {
	return map[string]any{
		"engine": rapid.SampledFrom([]string{"mysql", "postgres"}).Draw(t, "engine"), "storageGB": rapid.IntRange(20, 900).Draw(t, "storageGB"),
		"backups": map[string]any{"retentionDays": rapid.IntRange(7, 35).Draw(t, "days")},
	}
}

// cue writes a spec, its fields in the order that is drawn, objects of one field in one of two ways.
func cue(t *rapid.T, v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = cue(t, item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		names := rapid.Permutation(slices.Sorted(maps.Keys(v))).Draw(t, "order")
		if len(names) == 1 && rapid.Bool().Draw(t, "short") {
			return strconv.Quote(names[0]) + ": " + cue(t, v[names[0]])
		}
		text := "{\n"
		for _, name := range names {
			text += strconv.Quote(name) + ": " + cue(t, v[name]) + "\n"
		}
		return text + "}"
	}
	return fmt.Sprint(v)
}

// inMemory is a fleet with these environments beside those of testdata/fleet.
func inMemory(t require.TestingT, specs map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	sample := os.DirFS("testdata/fleet")
	require.NoError(t, fs.WalkDir(sample, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(sample, name)
		tree[name] = &fstest.MapFile{Data: text}
		return err
	}))
	for name, spec := range specs {
		tree["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(spec)}
		for _, plane := range schema.Planes() {
			for file, text := range overlayFiles(name, string(plane)) {
				tree["overlays/"+name+"/"+string(plane)+"/"+file] = &fstest.MapFile{Data: []byte(text)}
			}
		}
	}
	return tree
}

// rendered gives the files of an environment in a fleet.
func rendered(t *rapid.T, reader *schema.Reader, name string, specs map[string]string) map[string]string {
	tree := inMemory(t, specs)
	fleet, err := reader.Fleet(tree)
	require.NoError(t, err, "%v", specs)
	all, err := render.All(tree, reader, fleet, render.Targets([]string{name}), func() {})
	require.NoError(t, err)
	files := map[string]string{}
	for _, r := range all {
		files[r.File()] = string(r.YAML)
	}
	return files
}

// TestOrderOfFields writes the same spec twice, its fields in another order: not a byte of the result changes.
func TestOrderOfFields(t *testing.T) {
	t.Parallel()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	property.Check(t, func(t *rapid.T) {
		spec := legal(t)
		once := rendered(t, reader, "any", map[string]string{"any": cue(t, spec)})
		require.Equal(t, once, rendered(t, reader, "any", map[string]string{"any": cue(t, spec)}))
	})
}

// TestNoneKnowsAnother renders an environment alone, and beside another that is changed: its files stay as they are.
func TestNoneKnowsAnother(t *testing.T) {
	t.Parallel()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	property.Check(t, func(t *rapid.T) {
		one := cue(t, legal(t))
		alone := rendered(t, reader, "one", map[string]string{"one": one})
		name := rapid.SampledFrom([]string{"another", "zone"}).Draw(t, "name") // before or behind it
		require.Equal(t, alone, rendered(t, reader, "one", map[string]string{"one": one, name: cue(t, legal(t))}))
	})
}

// TestRenderTwice renders what it rendered: nothing is written the second time, and check agrees.
func TestRenderTwice(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, lay(root, "testdata/fleet"))
	specs := rapid.Custom(func(t *rapid.T) string { return cue(t, legal(t)) })
	for seed := range 15 {
		addEnvironment(t, root, "any", specs.Example(seed))
		requireFine(t, root, "render")
		_, stderr, code := spokewright(root, "render")
		require.Zero(t, code, stderr)
		require.Contains(t, stderr, ": 0 files changed, 7 as before\n")
		requireFine(t, root, "check")
	}
}
