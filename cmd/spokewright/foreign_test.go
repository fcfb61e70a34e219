package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/textdiff"
	"spokewright.dev/spokewright/schema"
)

// foreign is somebody else's repository: its kustomizations stand in a layout of their own.
type foreign struct{ root string }

func newForeign(t *testing.T) foreign {
	f := foreign{t.TempDir()}
	require.NoError(t, lay(f.root, "testdata/foreign"))
	return f
}

// call is one function of one plane of an environment.
type call struct{ kind, environment, plane string }

// config is its functionConfig, with the spec in a file or inline.
func (f foreign) config(t *testing.T, c call, inline bool) string {
	t.Helper()
	spec := "  file: ../../environments/" + c.environment + ".cue\n"
	if inline {
		spec = f.inline(t, "environment", c.environment, 1) + f.inline(t, "fleet", "fleet", 1)
		if c.environment == "quay" {
			spec += "  environments:\n" + f.inline(t, "berlin", "berlin", 2)
		}
	}
	return fmt.Sprintf(`apiVersion: spokewright.dev/v1alpha1
kind: %s
metadata:
  name: %s
  annotations:
    config.kubernetes.io/function: |
      exec: {path: spokewright, args: [fn]}
spec:
  plane: %s
%s`, c.kind, c.environment, c.plane, spec)
}

// inline is a file of testdata/foreign/inline as a field, indented so many times.
func (f foreign) inline(t *testing.T, field, name string, depth int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.root, "inline", name+".yaml"))
	require.NoError(t, err)
	indent := strings.Repeat("  ", depth)
	out := indent + field + ":\n"
	for line := range strings.Lines(string(text)) {
		out += indent + "  " + line
	}
	return out
}

// kustomization writes one to ships/NAME and gives its folder.
func (f foreign) kustomization(t *testing.T, name, text string, files map[string]string) string {
	t.Helper()
	dir := "ships/" + name
	writeText(t, f.root, dir+"/kustomization.yaml", text+"sortOptions: {order: fifo}\n")
	for file, text := range files {
		writeText(t, f.root, dir+"/"+file, text)
	}
	return dir
}

// build builds a kustomization with the real kustomize, and finds the same bytes when it is built in this process.
func (f foreign) build(t *testing.T, dir string) string {
	t.Helper()
	built := runKustomize(t, filepath.Join(f.root, dir), "--enable-alpha-plugins", "--enable-exec")
	requireSame(t, built, f.render(t, dir))
	return string(built)
}

// render builds a kustomization in this process.
func (f foreign) render(t *testing.T, dir string) []byte {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	tree := os.DirFS(f.root)
	builder := kustomize.NewBuilder(tree, func(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
		return krm.Run(krm.Tree{Reader: reader, FS: tree}, config, dir, items)
	})
	result, err := builder.Build(dir)
	require.NoError(t, err)
	return result.YAML
}

// TestEachFunctionAlone runs every function by itself in somebody else's kustomization. A spec in a file and one that
// stands in the functionConfig give the same; all of them behind each other give what Environment gives.
func TestEachFunctionAlone(t *testing.T) {
	f := newForeign(t)
	for _, where := range []call{{"", "berlin", "hub"}, {"", "berlin", "spoke"}, {"", "quay", "hub"}} {
		t.Run(where.environment+"-"+where.plane, func(t *testing.T) {
			t.Parallel()
			whole := f.build(t, f.kustomization(t, where.environment+"-"+where.plane, "generators: [fn.yaml]\n",
				map[string]string{"fn.yaml": f.config(t, call{krm.EnvironmentKind, where.environment, where.plane}, true)}))
			parts, made := map[string]string{"sentinel.yaml": notRendered}, 0
			for _, kind := range krm.Kinds() {
				c := call{kind, where.environment, where.plane}
				file := f.config(t, c, false)
				parts[kind+".yaml"] = file
				if kind == krm.GuardKind {
					continue
				}
				name := strings.ToLower(strings.Join([]string{kind, where.environment, where.plane}, "-"))
				dir := f.kustomization(t, name, "generators: [fn.yaml]\n", map[string]string{"fn.yaml": file})
				if len(f.render(t, dir)) == 0 {
					continue
				}
				made++
				inline := f.build(t, f.kustomization(t, name+"-inline", "generators: [fn.yaml]\n", map[string]string{"fn.yaml": f.config(t, c, true)}))
				requireSame(t, []byte(f.build(t, dir)), []byte(inline))
			}
			assert.GreaterOrEqual(t, made, map[string]int{"berlin-hub": 6, "berlin-spoke": 3, "quay-hub": 5}[where.environment+"-"+where.plane],
				"most functions have something to say here")
			kinds := make([]string, 0, len(functions.List()))
			for _, function := range functions.List() {
				if function.Kind != "ImageUpdates" { // edits what others made
					kinds = append(kinds, function.Kind+".yaml")
				}
			}
			all := f.build(t, f.kustomization(t, where.environment+"-"+where.plane+"-parts",
				"resources: [sentinel.yaml]\ngenerators: ["+strings.Join(kinds, ", ")+"]\ntransformers: [ImageUpdates.yaml, Guard.yaml]\n", parts))
			requireSame(t, []byte(whole), []byte(all))
		})
	}
}

const notRendered = "apiVersion: spokewright.dev/v1alpha1\nkind: NotRendered\nmetadata: {name: built-without-enable-exec}\n"

// TestImageUpdatesOnHandWritten lets ImageUpdates edit an ApplicationSet that no function made, and nothing else.
func TestImageUpdatesOnHandWritten(t *testing.T) {
	t.Parallel()
	const set = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: berlin-apps # by hand
  namespace: argocd
spec:
  goTemplate: true
  generators:
  - list:
      elements:
      - {app: ferry, cluster: "on", port: 8080, ratio: 1.5, big: 9007199254740993}
      - {app: nobody-we-know, version: "1.30"}
  template:
    metadata: {name: '{{ .app }}'}
    spec: {project: hand, source: {repoURL: https://git.example.com/hand.git, targetRevision: "1e3"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {yes: "no", date: "2026-01-01", version: "1.30"}
`
	f := newForeign(t)
	var outputs []string
	for i, inline := range []bool{false, true} {
		dir := f.kustomization(t, fmt.Sprintf("by-hand-%d", i), "resources: [set.yaml]\ntransformers: [images.yaml]\n",
			map[string]string{"set.yaml": set, "images.yaml": f.config(t, call{"ImageUpdates", "berlin", "hub"}, inline)})
		outputs = append(outputs, f.build(t, dir))
	}
	requireSame(t, []byte(outputs[0]), []byte(outputs[1]))
	without := f.build(t, f.kustomization(t, "untouched", "resources: [set.yaml]\n", map[string]string{"set.yaml": set}))
	assert.Equal(t, `-      - app: ferry
+      - annotations:
+          argocd-image-updater.argoproj.io/ferry.kustomize.image-name: images.example.com/harbour/ferry
+          argocd-image-updater.argoproj.io/ferry.update-strategy: semver
+          argocd-image-updater.argoproj.io/git-branch: stable
+          argocd-image-updater.argoproj.io/image-list: ferry=images.example.com/harbour/ferry:~2.1
+          argocd-image-updater.argoproj.io/write-back-method: git:secret:argocd/git-credentials
+        app: ferry
+        labels:
+          spokewright.dev/image-updates: enabled
`, changed(without, outputs[0]))
}

// changed are the lines that differ, as a difference shows them.
func changed(old, fresh string) string {
	var out strings.Builder
	for _, part := range textdiff.Compare(old, fresh) {
		for _, line := range part.Lines {
			if part.Mark != ' ' {
				fmt.Fprintf(&out, "%c%s\n", part.Mark, line)
			}
		}
	}
	return out.String()
}
