package cueedit

import (
	"strings"
	"testing"

	"cuelang.org/go/cue/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"spokewright.dev/spokewright/internal/property"
)

// order is that of a small spec.
func order(path []string) []string {
	return map[string][]string{"": {"class", "id", "description", "cluster", "apps"}, "cluster": {"cloud", "region", "nodes"}}[strings.Join(path, ".")]
}

func edited(t require.TestingT, text string, edit func(f *File) error) string {
	f, err := Parse("x.cue", []byte(text))
	require.NoError(t, err)
	require.NoError(t, edit(f))
	return string(f.Text())
}

// A new value stands where the old one stood; a new field stands behind those that go before it.
func TestSet(t *testing.T) {
	for _, c := range []struct{ text, path, value, want string }{
		{"class: \"a\" // why\n", "class", `"b"`, "class: \"b\" // why\n"},
		{"cluster: {cloud: \"aws\", region: \"r\", nodes: max: 3}\n", "cluster.region", `"s"`, "cluster: {cloud: \"aws\", region: \"s\", nodes: max: 3}\n"},
		{"cluster: {cloud: \"aws\", nodes: max: 3}\n", "cluster.region", `"s"`, "cluster: {cloud: \"aws\", region: \"s\", nodes: max: 3}\n"},
		{"cluster: {region: \"s\"}\n", "cluster.cloud", `"aws"`, "cluster: {cloud: \"aws\", region: \"s\"}\n"},
		{"cluster: cloud: \"aws\"\n", "cluster.region", `"s"`, "cluster: {cloud: \"aws\", region: \"s\"}\n"},
		{"cluster: region: \"s\"\n", "cluster.cloud", `"aws"`, "cluster: {cloud: \"aws\", region: \"s\"}\n"},
		{"class: \"a\"\n// the cluster\ncluster: {\n\tcloud: \"aws\" // of all\n}\n", "cluster.region", `"s"`, "class: \"a\"\n// the cluster\ncluster: {\n\tcloud:  \"aws\" // of all\n\tregion: \"s\"\n}\n"},
		{"class: \"a\"\n\n// the cluster\ncluster: cloud: \"aws\"\n", "description", `"d"`, "class:       \"a\"\ndescription: \"d\"\n\n// the cluster\ncluster: cloud: \"aws\"\n"},
		{"// the cluster\ncluster: cloud: \"aws\"\n", "class", `"d"`, "class: \"d\"\n// the cluster\ncluster: cloud: \"aws\"\n"},
		{"cluster: cloud: \"aws\"\ncluster: region: \"r\"\n", "cluster.region", `"s"`, "cluster: cloud: \"aws\"\ncluster: region: \"s\"\n"},
		{"cluster: {}\n", "cluster.region", `"s"`, "cluster: {region: \"s\"}\n"},
		{"apps: web: {\n\tpath: \"p\"\n}\n", "apps.api.path", `"q"`, "apps: web: {\n\tpath: \"p\"\n}\napps: api: path: \"q\"\n"},
		{"class: \"a\"\n", "apps.my-app.path", `"q"`, "class: \"a\"\napps: \"my-app\": path: \"q\"\n"},
		{"class:   \"a\"\n", "cluster.region", `"s"`, "class:   \"a\"\ncluster: region: \"s\"\n"},
		{"{\n\t\"class\": \"a\"\n}\n", "class", `"b"`, "{\n\t\"class\": \"b\"\n}\n"},
		{"{\n\t\"class\": \"a\"\n}\n", "id", `"b"`, "{\n\t\"class\": \"a\"\n\tid:      \"b\"\n}\n"},
		{"{\n\t\"cluster\": {cloud: \"aws\"}\n}\n", "class", `"b"`, "{\n\tclass: \"b\"\n\t\"cluster\": {cloud: \"aws\"}\n}\n"},
		{"x: {\n\ta: 1,\n\tb: 2,\n}\n", "x.c", "3", "x: {\n\ta: 1,\n\tb: 2,\n\tc: 3\n}\n"},
	} {
		assert.Equal(t, c.want, edited(t, c.text, func(f *File) error { return f.Set(strings.Split(c.path, "."), c.value, order) }), "%s of %s", c.path, c.text)
	}
}

// What is taken out goes with the comments about it, and leaves nothing else behind.
func TestRemove(t *testing.T) {
	for _, c := range []struct{ text, path, want string }{
		{"class: \"a\"\n// named by hand\nid: \"x\" // for ever\napps: {}\n", "id", "class: \"a\"\napps: {}\n"},
		{"a: {x: 1, y: 2, z: 3}\n", "a.x", "a: {y: 2, z: 3}\n"},
		{"a: {x: 1, y: 2, z: 3}\n", "a.z", "a: {x: 1, y: 2}\n"},
		{"a: x: 1\na: y: 2\n", "a.x", "a: y: 2\n"},
		{"a: {x: 1}\n", "a.x", "a: {}\n"},
		{"a: {\n\tx: 1,\n\ty: 2,\n}\n", "a.x", "a: {\n\ty: 2,\n}\n"},
		{"a: b: {\n\tx: 1\n}\n", "a.b.x", "a: b: {}\n"},
		{"moved: [{from: \"a\", to: \"b\"}]\nx: 1", "moved", "x: 1"},
		{"x: 1\n", "y", "x: 1\n"},
	} {
		assert.Equal(t, c.want, edited(t, c.text, func(f *File) error { _, err := f.Remove(strings.Split(c.path, ".")...); return err }), "%s of %s", c.path, c.text)
	}
}

func TestAppend(t *testing.T) {
	for text, want := range map[string]string{
		"moved: [1]\n": "moved: [1, 2]\n", "moved: []\n": "moved: [2]\n", "x: 1\n": "x: 1\nmoved: [2]\n", "moved: [\n\t1,\n]\n": "moved: [\n\t1, 2,\n]\n",
	} {
		assert.Equal(t, want, edited(t, text, func(f *File) error { return f.Append([]string{"moved"}, "2", order) }), text)
	}
}

func TestReplaceTexts(t *testing.T) {
	var paths []string
	got := edited(t, "a: {b: \"x/dev\", c: [\"dev\", 1], d: \"\\(b)\"}\n", func(f *File) error {
		return f.ReplaceTexts(func(path []string, text string) string {
			paths = append(paths, strings.Join(path, "."))
			return strings.ReplaceAll(text, "dev", "test")
		})
	})
	assert.Equal(t, "a: {b: \"x/test\", c: [\"test\", 1], d: \"\\(b)\"}\n", got)
	assert.Equal(t, []string{"a.b", "a.c.0"}, paths)
}

func TestIsData(t *testing.T) {
	for text, want := range map[string]bool{`"a"`: true, "3": true, "-3": true, "true": true, "null": true, "[1, \"a\"]": true, "{a: 1}": true, "1.34": true,
		"us-east-2": false, "large": false, "10.0.0.0/16": false, "a b": false, "{a: b}": false, "": false, "[x]": false} {
		assert.Equal(t, want, IsData(text), text)
	}
}

// What is set is read back, whatever stands there; what was formatted stays formatted, and every comment stays.
func TestWhatIsSetStandsThere(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"class: \"a\"\n", "// one\ncluster: cloud: \"aws\"\n", "cluster: {nodes: max: 3} // two\n",
			"apps: {\n\t// three\n\tweb: {path: \"p\", x: 1}\n}\n", "\n", "cluster: {\n\t// four\n\tcloud: \"aws\"\n\tnodes: {min: 1, max: 3}\n}\n"}), 0, 4).Draw(t, "text"), "")
		if formatted, err := format.Source([]byte(text)); err == nil && rapid.Bool().Draw(t, "format") {
			text = string(formatted)
		}
		path := rapid.SampledFrom([][]string{{"class"}, {"cluster", "region"}, {"cluster", "nodes", "size"}, {"apps", "web", "path"}, {"apps", "new", "path"}, {"id"}}).Draw(t, "path")
		after := edited(t, text, func(f *File) error { return f.Set(path, `"here"`, order) })
		f, err := Parse("x.cue", []byte(after))
		require.NoError(t, err, after)
		found := f.fields(path)
		require.NotEmpty(t, found, "%s\n%s", text, after)
		require.Equal(t, strings.Count(text, "//"), strings.Count(after, "//"), after)
		without := edited(t, after, func(f *File) error { _, err := f.Remove(path...); return err })
		gone, err := Parse("x.cue", []byte(without))
		require.NoError(t, err, without)
		require.Empty(t, gone.fields(path))
	})
}
