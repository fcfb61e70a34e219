package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/conformance/rpc"
	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// way is one way to the objects of an overlay.
type way struct {
	name string
	// reformats is true where the way itself writes the objects anew, so that bytes cannot be compared.
	reformats bool
	// start makes ready what gives the objects of an overlay, NAME/PLANE. bin is a folder with the program and nothing else.
	start func(ctx context.Context, t *testing.T, bin string) func(plane string) ([]byte, error)
}

// ways are all there are.
func ways() []way {
	return []way{
		{name: "spokewright render", start: byRender},
		{name: "in-process", start: byInProcessBuild},
		{name: "kustomize with exec", start: byExec},
		{name: "kustomize with the exec plugin", start: byPlugin("kustomize", "build")},
		{name: "kubectl with the exec plugin", start: byPlugin("kubectl", "kustomize")},
		{name: "kustomize with the container function", start: byContainer},
		{name: "cmp-server", reformats: true, start: byCMPServer},
		{name: "repo-server, rendered", reformats: true, start: byRepoServerFiles},
		{name: "repo-server, plugin", reformats: true, start: byRepoServerPlugin},
		{name: "repo-server, native kustomize", reformats: true, start: byRepoServerKustomize},
	}
}

// Every overlay of the sample has the same objects in the same order whichever way they are made, and the same bytes where
// the way does not reformat: those of its golden file.
func TestEveryWayGivesTheSame(t *testing.T) {
	ctx := process.Context(t)
	bin, all := released(ctx, t), planes(t)
	for _, way := range ways() {
		t.Run(way.name, func(t *testing.T) {
			made := way.start(ctx, t, bin)
			for _, plane := range all {
				golden, err := os.ReadFile("../golden/" + plane + ".yaml")
				require.NoError(t, err)
				got, err := made(plane)
				require.NoError(t, err, plane)
				want := objectsOf(t, golden)
				require.NotEmpty(t, want)
				require.Equal(t, want, objectsOf(t, got), plane)
				if !way.reformats {
					require.Equal(t, string(golden), string(got), plane)
				}
			}
		})
	}
}

func byRender(ctx context.Context, _ *testing.T, bin string) func(string) ([]byte, error) {
	return func(plane string) ([]byte, error) {
		return output(exec.CommandContext(ctx, filepath.Join(bin, "spokewright"), "-C", "..", "render", plane, "-o", "-"))
	}
}

func byInProcessBuild(_ context.Context, t *testing.T, _ string) func(string) ([]byte, error) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	root, err := os.OpenRoot("..")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	return func(plane string) ([]byte, error) {
		name, kind, _ := strings.Cut(plane, "/")
		target := render.Target{Environment: name, Plane: schema.Plane(kind)}
		rendered, err := render.One(root.FS(), krm.Tree{Reader: reader, FS: root.FS()}, target)
		return rendered.YAML, err
	}
}

func byExec(ctx context.Context, t *testing.T, bin string) func(string) ([]byte, error) {
	kustomize, err := cache(t).Program(ctx, "kustomize")
	require.NoError(t, err)
	return func(plane string) ([]byte, error) {
		command := exec.CommandContext(ctx, kustomize, "build", "--enable-alpha-plugins", "--enable-exec", "../overlays/"+plane)
		command.Env = []string{"PATH=" + bin}
		return output(command)
	}
}

// byPlugin installs the exec plugin into a folder of its own, and takes the functions' annotations away, so that nothing
// but the plugin can have made the objects.
func byPlugin(name, verb string) func(context.Context, *testing.T, string) func(string) ([]byte, error) {
	return func(ctx context.Context, t *testing.T, bin string) func(string) ([]byte, error) {
		program, err := cache(t).Program(ctx, name)
		require.NoError(t, err)
		home, root := t.TempDir(), copyOfSample(t)
		eachFunctionConfig(t, root, func(plane, kind string) string {
			name, plane, _ := strings.Cut(plane, "/")
			return fmt.Sprintf("apiVersion: spokewright.dev/v1alpha1\nkind: %s\nmetadata: {name: %s}\nspec: {file: ../../../environments/%[2]s.cue, plane: %s}\n", kind, name, plane)
		})
		environment := []string{"KUSTOMIZE_PLUGIN_HOME=" + home, "HOME=" + home, "PATH=" + t.TempDir()}
		build := func(plane string) ([]byte, error) {
			command := exec.CommandContext(ctx, program, verb, "--enable-alpha-plugins", filepath.Join(root, "overlays", plane))
			command.Env = environment
			return output(command)
		}
		_, err = build("prod-eu/hub")
		require.Error(t, err, "not installed, it fails; it does not skip the function")
		install := exec.CommandContext(ctx, filepath.Join(bin, "spokewright"), "plugin", "install")
		install.Env = environment
		_, err = output(install)
		require.NoError(t, err)
		return build
	}
}

// The image that functionConfigs name.
const image = "registry.example.com/platform/spokewright:0.1.0"

// byContainer has kustomize run a container: a ResourceList with the spec in it on stdin, one on stdout. In place of an
// engine, which not every machine has, stands a program that starts what the image starts, with no environment, at the
// root.
func byContainer(ctx context.Context, t *testing.T, bin string) func(string) ([]byte, error) {
	kustomize, err := cache(t).Program(ctx, "kustomize")
	require.NoError(t, err)
	recipe, err := os.ReadFile("../Dockerfile")
	require.NoError(t, err)
	require.Contains(t, string(recipe), "ENTRYPOINT [\"/usr/local/bin/spokewright\"]\nCMD [\"fn\"]\n")
	engine := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(engine, "docker"), []byte(`#!/bin/sh
for last; do :; done
case "$1 $last $*" in
"run `+image+` "*"--network none"*) cd / && exec /usr/bin/env -i `+bin+`/spokewright fn;;
esac
echo "found $*" >&2
exit 1
`), 0o755))
	root, fleet := copyOfSample(t), inlineFleet(t)
	eachFunctionConfig(t, root, func(plane, kind string) string { return fleet.functionConfig(t, plane, kind) })
	require.NoError(t, os.RemoveAll(filepath.Join(root, "environments")), "the spec stands in the functionConfig")
	return func(plane string) ([]byte, error) {
		command := exec.CommandContext(ctx, kustomize, "build", "--enable-alpha-plugins", filepath.Join(root, "overlays", plane))
		command.Env = []string{"PATH=" + engine}
		return output(command)
	}
}

func byCMPServer(ctx context.Context, t *testing.T, bin string) func(string) ([]byte, error) {
	server := startCMPServer(ctx, t, bin, pluginConfig(t))
	fleet := archive(t, "..", "environments", "bases", "overlays", "golden")
	return func(plane string) ([]byte, error) {
		folder := "overlays/" + plane
		answer, err := server.ask(ctx, generateManifest, fleet, folder, "ARGOCD_APP_SOURCE_PATH="+folder, "ARGOCD_APP_PARAMETERS=null")
		if err != nil {
			return nil, err
		}
		return manifests(answer, "")
	}
}

func byRepoServerFiles(ctx context.Context, t *testing.T, _ string) func(string) ([]byte, error) {
	repository := commitSample(ctx, t)
	server := startRepoServer(ctx, t, t.TempDir())
	return func(plane string) ([]byte, error) {
		name, file, _ := strings.Cut(plane, "/")
		rendered := source(repository, "golden/"+name).Text(10, string(rpc.Message{}.Text(4, file+".yaml")))
		return server.manifests(ctx, request(repository, rendered, "/golden/"+name), "Directory")
	}
}

// byRepoServerPlugin has the repo-server send the plugin no more than the environment's paths need.
func byRepoServerPlugin(ctx context.Context, t *testing.T, bin string) func(string) ([]byte, error) {
	plugin := startCMPServer(ctx, t, bin, pluginConfig(t))
	repository := commitSample(ctx, t)
	server := startRepoServer(ctx, t, plugin.sockets)
	return func(plane string) ([]byte, error) {
		name, _, _ := strings.Cut(plane, "/")
		paths, err := output(exec.CommandContext(ctx, filepath.Join(bin, "spokewright"), "-C", "..", "cmp", "paths", name))
		if err != nil {
			return nil, err
		}
		overlay := ofPlugin(source(repository, "overlays/"+plane), argocd.PluginName)
		return server.manifests(ctx, request(repository, overlay, strings.TrimSpace(string(paths))), "Plugin")
	}
}

// buildOptions are what docs/argocd.md says that argocd-cm needs for kustomize in the repo-server itself.
func buildOptions(t *testing.T) string {
	t.Helper()
	blocks := blocksOf(t, "../docs/argocd.md", "Native kustomize")
	require.Len(t, blocks, 1)
	options, found := strings.CutPrefix(strings.TrimSpace(blocks[0].text), "kustomize.buildOptions: ")
	require.True(t, found)
	return options
}

func byRepoServerKustomize(ctx context.Context, t *testing.T, bin string) func(string) ([]byte, error) {
	kustomize, err := cache(t).Program(ctx, "kustomize")
	require.NoError(t, err)
	repository := commitSample(ctx, t)
	server, options := startRepoServer(ctx, t, t.TempDir(), bin, filepath.Dir(kustomize)), buildOptions(t)
	return func(plane string) ([]byte, error) {
		asked := request(repository, source(repository, "overlays/"+plane), "")
		return server.manifests(ctx, withBuildOptions(asked, options), "Kustomize")
	}
}

// manifests joins what Argo CD answers with, a JSON object each. The type of the source is asked for where it is named.
func manifests(answer rpc.Message, sourceType string) ([]byte, error) {
	if sourceType != "" {
		if types, err := answer.Texts(6); err != nil || len(types) != 1 || types[0] != sourceType {
			return nil, errors.Join(err, fmt.Errorf("found a source of type %v, wanted %s", types, sourceType))
		}
	}
	texts, err := answer.Texts(1)
	return []byte(strings.Join(texts, "\n---\n")), err
}

// output is what a program prints to stdout. The error of one that fails has what it printed to stderr.
func output(command *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", command, err, stderr.String())
	}
	return stdout.Bytes(), nil
}
