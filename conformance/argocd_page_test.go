package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
)

// A new user follows docs/argocd.md, the blocks of its section on the plugin and nothing else, in a copy of the sample.
// What that renders is all that the real cmp-server is started with, and what Argo CD's repo-server asks it is what the
// rendered Applications say: each plane of the fleet is served, with its rendered objects.
func TestThePageLeadsToThePlugin(t *testing.T) {
	ctx := process.Context(t)
	root, bin := copyOfSample(t), released(ctx, t)
	followed := map[string]int{}
	for _, block := range blocksOf(t, "../docs/argocd.md", "The plugin") {
		block.follow(ctx, t, root, bin)
		followed[block.language]++
	}
	require.Equal(t, map[string]int{"yaml": 1, "cue": 1, "sh": 3}, followed, "the page has these blocks")

	rendered, err := documents.Read(filepath.Join(root, "golden/hub/spoke.yaml"))
	require.NoError(t, err)
	require.Equal(t, []any{"/var/run/argocd/argocd-cmp-server"}, renderedSidecar(t, rendered)["command"])
	server := startCMPServer(ctx, t, bin, renderedPlugin(t, rendered))
	repository := commit(ctx, t, root)
	repositories := startRepoServer(ctx, t, server.sockets)

	served := map[string]bool{}
	for _, app := range pluginApplications(t, root) {
		require.Regexp(t, `^(/[^;]+)(;/[^;]+)*$`, app.paths, "it carries what it is rendered from")
		asked := request(repository, ofPlugin(source(repository, app.path), app.plugin), app.paths)
		got, err := repositories.manifests(ctx, asked, "Plugin")
		require.NoError(t, err, app.path)
		plane := strings.TrimPrefix(app.path, "overlays/")
		golden, err := os.ReadFile(filepath.Join(root, "golden", plane+".yaml"))
		require.NoError(t, err)
		require.Equal(t, objectsOf(t, golden), objectsOf(t, got), plane)
		served[plane] = true
	}
	for _, plane := range planes(t) {
		require.True(t, served[plane], "an Application delivers %s", plane)
	}
}

// The page's other blocks: the hydrator's component renders and passes the fleet's checks, and the API server accepts the
// Application that is hydrated.
func TestThePageTurnsTheHydratorOn(t *testing.T) {
	ctx := process.Context(t)
	blocks := blocksOf(t, "../docs/argocd.md", "Source hydrator")
	require.Len(t, blocks, 2)
	root, bin := copyOfSample(t), released(ctx, t)
	blocks[0].follow(ctx, t, root, bin)
	block{language: "sh", text: "spokewright render\nspokewright check\n"}.follow(ctx, t, root, bin)
	text, err := os.ReadFile(filepath.Join(root, "golden/hub/spoke.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(text), "commitServer:\n          enabled: true\n")
	require.Contains(t, string(text), "hydrator.enabled: true\n")

	server := hub.Start(t, cache(t))
	projects := crds.Projects()
	argocd := projects[slices.IndexFunc(projects, func(p crds.Project) bool { return p.Name == "Argo CD" })]
	definitions, err := crds.Read(ctx, argocd)
	require.NoError(t, err)
	require.NoError(t, server.Define(ctx, definitions))
	require.NoError(t, server.Apply(ctx, namespace(t, "argocd")))
	application, err := documents.Of("docs/argocd.md", objectsOf(t, []byte(blocks[1].text))[0])
	require.NoError(t, err)
	_, err = server.Judge(ctx, application)
	require.NoError(t, err)
	application, err = documents.Of("docs/argocd.md", objectsOf(t, []byte(strings.Replace(blocks[1].text, "drySource", "drySauce", 1)))[0])
	require.NoError(t, err)
	_, err = server.Judge(ctx, application)
	require.ErrorContains(t, err, "drySauce")
}

// block is one block of a page.
type block struct{ language, text string }

// blocksOf are the blocks of a section of a page, in their order.
func blocksOf(t *testing.T, page, section string) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\n## "+section+"\n")
	require.True(t, found, section)
	rest, _, _ = strings.Cut(rest, "\n## ")
	var blocks []block
	for _, match := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(rest, -1) {
		blocks = append(blocks, block{match[1], match[2]})
	}
	require.NotEmpty(t, blocks)
	return blocks
}

// follow does what a block says: commands run at the fleet's root; what begins with a file's name goes to that file's end.
func (b block) follow(ctx context.Context, t *testing.T, root, bin string) {
	t.Helper()
	if b.language == "sh" {
		command := exec.CommandContext(ctx, "sh", "-e", "-c", b.text)
		command.Dir, command.Env = root, []string{"PATH=" + bin + ":/usr/bin:/bin"}
		_, err := output(command)
		require.NoError(t, err)
		return
	}
	head := regexp.MustCompile(`^(?:#|//) (\S+)\n`).FindStringSubmatch(b.text)
	require.NotNil(t, head, "a block names its file first:\n%s", b.text)
	file := filepath.Join(root, head[1])
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(old, b.text...), 0o644))
}

// renderedPlugin is the plugin.yaml that the hub mounts into the sidecar.
func renderedPlugin(t *testing.T, rendered []documents.Document) string {
	t.Helper()
	for _, document := range rendered {
		if id := document.ID(); id.Kind == "ConfigMap" && id.Name == "spokewright-plugin" {
			return document.Object["data"].(map[string]any)["plugin.yaml"].(string)
		}
	}
	t.Fatal("the hub has no spokewright-plugin")
	return ""
}

// renderedSidecar is the container that the chart's values add to the repo-server.
func renderedSidecar(t *testing.T, rendered []documents.Document) map[string]any {
	t.Helper()
	for _, document := range rendered {
		if id := document.ID(); id.Kind == "Application" && id.Name == "argocd" {
			values := document.Object["spec"].(map[string]any)["source"].(map[string]any)["helm"].(map[string]any)["valuesObject"].(map[string]any)
			return named(t, values["repoServer"].(map[string]any)["extraContainers"], "spokewright")
		}
	}
	t.Fatal("the hub has no Application argocd")
	return nil
}

// pluginApplication is what an Application says about where it is delivered from.
type pluginApplication struct{ path, plugin, paths string }

// pluginApplications are those of a rendered fleet that the plugin delivers: Applications, and elements of ApplicationSets.
func pluginApplications(t *testing.T, root string) []pluginApplication {
	t.Helper()
	all, err := documents.ReadFolder(filepath.Join(root, "golden"))
	require.NoError(t, err)
	var found []pluginApplication
	add := func(source, annotations any) {
		from, _ := source.(map[string]any)
		plugin, ofPlugin := from["plugin"].(map[string]any)
		if !ofPlugin {
			return
		}
		paths, _ := annotations.(map[string]any)["argocd.argoproj.io/manifest-generate-paths"].(string)
		found = append(found, pluginApplication{from["path"].(string), plugin["name"].(string), paths})
	}
	for _, document := range all {
		spec, _ := document.Object["spec"].(map[string]any)
		switch document.ID().Kind {
		case "Application":
			add(spec["source"], document.Object["metadata"].(map[string]any)["annotations"])
		case "ApplicationSet":
			for _, generator := range spec["generators"].([]any) {
				for _, element := range generator.(map[string]any)["list"].(map[string]any)["elements"].([]any) {
					element := element.(map[string]any)
					add(element["source"], element["annotations"])
				}
			}
		}
	}
	return found
}
