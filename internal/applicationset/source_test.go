package applicationset_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

func TestSources(t *testing.T) {
	tree := fstest.MapFS{}
	for name, text := range map[string]string{
		"golden/dev/hub.yaml": "kind: A", "golden/dev/spoke.yaml": "kind: B", "golden/dev/note.txt": "",
		"plain/a.yaml": "kind: A", "plain/b.json": "{}", "plain/c.jsonnet": "{}", "plain/skipped.yml": "# +argocd:skip-file-rendering", "plain/deep/d.yaml": "kind: D",
		"kustomized/kustomization.yml": "", "kustomized/Chart.yaml": "", "chart/Chart.yaml": "",
		"over/.argocd-source.yaml": "path: elsewhere\nkustomize: {nameSuffix: null}\n", "over/.argocd-source-sample.yaml": "kustomize: {images: [\"a:2\"]}\n", "over/.argocd-source-other.yaml": "kustomize: {images: [\"a:3\"]}\n",
	} {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	world := applicationset.World{Repository: "git@git.example.com:harbour/fleet.git", Revisions: []string{"main"}, Tree: tree}
	const here = "https://git.example.com/harbour/fleet"
	for name, c := range map[string]struct {
		source map[string]any
		want   []applicationset.Source
		told   string
	}{
		"one file":   {map[string]any{"repoURL": here, "targetRevision": "main", "path": "golden/dev", "directory": map[string]any{"include": "hub.yaml"}}, []applicationset.Source{{Folder: "golden/dev", Files: []string{"golden/dev/hub.yaml"}}}, ""},
		"some files": {map[string]any{"repoURL": here, "path": "golden/dev", "directory": map[string]any{"include": "{hub,x}*.yaml"}}, []applicationset.Source{{Folder: "golden/dev", Files: []string{"golden/dev/hub.yaml"}}}, ""},
		"deep":       {map[string]any{"repoURL": here, "path": "./plain/", "directory": map[string]any{"recurse": true, "exclude": "*.json*"}}, []applicationset.Source{{Folder: "plain", Files: []string{"plain/a.yaml", "plain/deep/d.yaml"}}}, ""},
		"Jsonnet":    {map[string]any{"repoURL": here, "path": "plain"}, []applicationset.Source{{Folder: "plain", Unknown: "Jsonnet is not rendered here: plain/c.jsonnet"}}, "spec.source.path: Jsonnet is not rendered here: plain/c.jsonnet"},
		"kustomize":  {map[string]any{"repoURL": here, "path": "kustomized"}, []applicationset.Source{{Folder: "kustomized", Kustomize: true}}, ""},
		"options":    {map[string]any{"repoURL": here, "path": "plain/deep", "kustomize": map[string]any{"namePrefix": "x"}}, []applicationset.Source{{Folder: "plain/deep", Kustomize: true, Options: map[string]any{"namePrefix": "x"}}}, ""},
		"chart":      {map[string]any{"repoURL": here, "path": "chart"}, []applicationset.Source{{Folder: "chart", Unknown: "a Helm chart is not rendered here: chart"}}, "spec.source: a Helm chart is not rendered here: chart"},
		"plugin":     {map[string]any{"repoURL": here, "path": "plain", "plugin": map[string]any{}}, []applicationset.Source{{Folder: "plain", Unknown: "what a plugin renders is not rendered here: plain"}}, "spec.source: what a plugin renders is not rendered here: plain"},
		"two kinds":  {map[string]any{"repoURL": here, "path": "plain", "plugin": map[string]any{}, "helm": map[string]any{}}, []applicationset.Source{{Folder: "plain", Unknown: "has options of several kinds (helm, plugin): one is allowed"}}, "spec.source: has options of several kinds (helm, plugin): one is allowed"},
		"values":     {map[string]any{"repoURL": here, "path": "chart", "helm": map[string]any{"valueFiles": []any{"own.yaml", "/values/a.yaml", "../../x", "https://example.com/v.yaml"}}}, []applicationset.Source{{Folder: "chart", Files: []string{"chart/own.yaml", "values/a.yaml"}, Unknown: "a Helm chart is not rendered here: chart"}}, "spec.source: a Helm chart is not rendered here: chart"},
		"overridden": {map[string]any{"repoURL": here, "path": "over", "kustomize": map[string]any{"namePrefix": "x", "nameSuffix": "y"}}, []applicationset.Source{{Folder: "over", Kustomize: true, Options: map[string]any{"namePrefix": "x", "images": []any{"a:2"}}}}, ""},
		"no folder":  {map[string]any{"repoURL": here, "path": "nowhere"}, nil, "spec.source.path: there is no folder nowhere in the repository"},
		"outside":    {map[string]any{"repoURL": here, "path": "../x"}, nil, "spec.source.path: leads out of the repository"},
		"elsewhere":  {map[string]any{"repoURL": "https://git.example.com/other", "path": "plain"}, nil, ""},
		"a tag":      {map[string]any{"repoURL": here, "targetRevision": "v1", "path": "plain"}, nil, ""},
		"a registry": {map[string]any{"repoURL": here, "chart": "x"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			application := manifest.New("argoproj.io/v1alpha1", "Application", "argocd", "sample")
			application["spec"] = map[string]any{"source": c.source}
			got, found := world.Sources(application)
			assert.Equal(t, c.want, got)
			told := ""
			for _, f := range found {
				assert.Equal(t, finding.SourceUnknown, f.Code)
				told += string(f.Path) + ": " + f.Message
			}
			assert.Equal(t, c.told, told)

			application["spec"] = map[string]any{"sources": []any{c.source}}
			several, _ := world.Sources(application)
			assert.Equal(t, got, several)
		})
	}
}

// TestValuesOfAChartElsewhere finds the files of this repository that a chart of another one takes its values from.
func TestValuesOfAChartElsewhere(t *testing.T) {
	const here = "https://git.example.com/harbour/fleet"
	world := applicationset.World{Repository: here, Tree: fstest.MapFS{}}
	application := manifest.New("argoproj.io/v1alpha1", "Application", "argocd", "sample")
	application["spec"] = map[string]any{"sources": []any{
		map[string]any{"repoURL": "https://charts.example.com", "chart": "x", "helm": map[string]any{"valueFiles": []any{"$values/apps/x.yaml", "$other/y.yaml", "z.yaml"}}},
		map[string]any{"repoURL": here, "ref": "values"},
		map[string]any{"repoURL": "https://git.example.com/other", "ref": "other"},
	}}
	got, _ := world.Sources(application)
	assert.Equal(t, []applicationset.Source{{Files: []string{"apps/x.yaml"}, Unknown: "a Helm chart is not rendered here; it takes values from apps/x.yaml"}}, got)
	assert.Equal(t, []string{"."}, world.Folders(application))
}

// TestModulesOfAWorkspace finds the folders of this repository that a Workspace runs.
func TestModulesOfAWorkspace(t *testing.T) {
	world := applicationset.World{Repository: "git@git.example.com:harbour/fleet.git", Revisions: []string{"main"}, Tree: fstest.MapFS{"modules/bucket/main.tf": {}}}
	bucket := []applicationset.Source{{Folder: "modules/bucket", Unknown: "a module is not run here: modules/bucket"}}
	for name, c := range map[string]struct {
		source, module string
		want           []applicationset.Source
	}{
		"a call in JSON": {"Inline", `{"module": {"workspace": {"source": "git::https://git.example.com/harbour/fleet.git//modules/bucket?depth=1\u0026ref=main"}}}`, bucket},
		"a call in HCL":  {"Inline", "module \"a\" {\n  source = \"git::ssh://git@git.example.com/harbour/fleet.git//modules/bucket?ref=main\"\n}\n", bucket},
		"its address":    {"Remote", "git::https://git.example.com/harbour/fleet//modules/bucket", bucket},
		"a short one":    {"Remote", "git@git.example.com:harbour/fleet.git//modules/bucket", bucket},
		"a revision":     {"Remote", "git::https://git.example.com/harbour/fleet.git//modules/bucket?ref=v1", nil},
		"elsewhere":      {"Remote", "git::https://git.example.com/harbour/modules.git//modules/bucket", nil},
		"a registry's":   {"Inline", `{"module": {"workspace": {"source": "example-modules/bucket/aws//inner"}}}`, nil},
		"without a call": {"Inline", `{"output": {}}`, nil},
	} {
		for _, group := range []string{"opentofu.m.upbound.io/v1beta1", "opentofu.upbound.io/v1beta1", "tf.upbound.io/v1beta1", "example.com/v1"} {
			workspace := manifest.New(group, "Workspace", "dev", "sample")
			workspace["spec"] = map[string]any{"forProvider": map[string]any{"source": c.source, "module": c.module}}
			got, _ := world.Sources(workspace)
			if group == "example.com/v1" {
				c.want = nil
			}
			assert.Equal(t, c.want, got, "%s, %s", name, group)
		}
	}
}
