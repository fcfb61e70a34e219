package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/conformance/rpc"
)

// Both deliveries give the golden objects through the real argocd-repo-server from a Git repository on disk: the rendered
// files as they are, and the overlays through the real cmp-server, with the repo-server sending no more than the
// environment's paths need.
func TestDeliveriesThroughTheRepoServer(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: git is not installed")
	}
	ctx := process.Context(t)
	plugin := startCMPServer(ctx, t)
	repository := commitSample(ctx, t)
	server := startRepoServer(ctx, t, plugin.sockets)

	for _, plane := range planes(t) {
		environment, file, _ := strings.Cut(plane, "/")
		rendered := source(repository, "golden/"+environment).Text(10, string(rpc.Message{}.Text(4, file+".yaml")))
		answer, err := server.Call(ctx, "repository.RepoServerService/GenerateManifest", request(repository, rendered, "/golden/"+environment))
		require.NoError(t, err)
		requireSourceType(t, "Directory", answer)
		requireGolden(t, plane, answer)

		paths := exec.CommandContext(ctx, filepath.Join(plugin.bin, "spokewright"), "-C", "..", "cmp", "paths", environment)
		printed, err := paths.Output()
		require.NoError(t, err)
		overlay := source(repository, "overlays/"+plane).Text(11, string(rpc.Message{}.Text(1, "spokewright-v1")))
		answer, err = server.Call(ctx, "repository.RepoServerService/GenerateManifest", request(repository, overlay, strings.TrimSpace(string(printed))))
		require.NoError(t, err)
		requireSourceType(t, "Plugin", answer)
		requireGolden(t, plane, answer)
	}

	elsewhere := source(repository, "bases/plane").Text(11, string(rpc.Message{}.Text(1, "spokewright-v1")))
	_, err := server.Call(ctx, "repository.RepoServerService/GenerateManifest", request(repository, elsewhere, ""))
	require.Error(t, err, "the plugin does not answer for this folder; what is said is lost without Redis")
}

// Kustomize in the repo-server itself gives the golden objects only with all of its options. Without any it fails; with
// half of them it says nothing and gives what no cluster knows.
func TestNativeKustomizeThroughTheRepoServer(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: git is not installed")
	}
	ctx := process.Context(t)
	bin := t.TempDir()
	buildProgram(ctx, t, filepath.Join(bin, "spokewright"))
	kustomize, err := cache(t).Program(ctx, "kustomize")
	require.NoError(t, err)
	repository := commitSample(ctx, t)
	server := startRepoServer(ctx, t, t.TempDir(), bin, filepath.Dir(kustomize))
	build := func(plane, options string) (rpc.Message, error) {
		asked := request(repository, source(repository, "overlays/"+plane), "").Text(13, string(rpc.Message{}.Text(1, options)))
		return server.Call(ctx, "repository.RepoServerService/GenerateManifest", asked)
	}
	for _, plane := range planes(t) {
		answer, err := build(plane, "--enable-alpha-plugins --enable-exec")
		require.NoError(t, err)
		requireSourceType(t, "Kustomize", answer)
		requireGolden(t, plane, answer)
	}
	_, err = build("prod-eu/hub", "")
	require.Error(t, err) // the reason is lost without Redis
	require.Contains(t, server.Tail(10), "external plugins disabled")
	answer, err := build("prod-eu/hub", "--enable-alpha-plugins")
	require.NoError(t, err)
	manifests, err := answer.Texts(1)
	require.NoError(t, err)
	require.Len(t, manifests, 1)
	require.Contains(t, manifests[0], `"kind":"NotRendered"`)
}

// source is where an Application is read (argo-cd, pkg/apis/application/v1alpha1/generated.proto, ApplicationSource).
func source(repository, path string) rpc.Message {
	return rpc.Message{}.Text(1, repository).Text(2, path).Text(4, "main")
}

// request asks for the manifests of an Application (argo-cd, reposerver/repository/repository.proto, ManifestRequest): no
// label to track them by, so that they come back as they are.
func request(repository string, source rpc.Message, paths string) rpc.Message {
	return rpc.Message{}.Text(1, string(rpc.Message{}.Text(1, repository))).Text(2, "main").Number(3, 1).Text(5, "example").Text(8, "default").
		Text(10, string(source)).Number(18, 1).Text(24, "*").Text(25, "default").Text(26, paths)
}

func requireSourceType(t *testing.T, want string, answer rpc.Message) {
	t.Helper()
	types, err := answer.Texts(6)
	require.NoError(t, err)
	require.Equal(t, []string{want}, types)
}

// commitSample makes a Git repository of the fleet at the root and gives its address.
func commitSample(ctx context.Context, t *testing.T) string {
	t.Helper()
	root := copyOfSample(t)
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"}, {"add", "."},
		{"-c", "user.name=fleet", "-c", "user.email=fleet@example.com", "commit", "--quiet", "--message=fleet"},
	} {
		git := exec.CommandContext(ctx, "git", args...)
		git.Dir, git.Env = root, append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		output, err := git.CombinedOutput()
		require.NoError(t, err, string(output))
	}
	return "file://" + filepath.ToSlash(root)
}

// repoServer is a running repo-server and its log.
type repoServer struct {
	*rpc.Client
	*process.Process
}

// startRepoServer runs the repo-server beside the plugins whose sockets are in a folder, with more folders on PATH. It has
// no Redis: it keeps nothing, and every answer is made anew.
func startRepoServer(ctx context.Context, t *testing.T, sockets string, path ...string) repoServer {
	t.Helper()
	program, err := cache(t).Program(ctx, "argocd-repo-server")
	require.NoError(t, err)
	addresses := process.Addresses(t, 3)
	host, port, _ := strings.Cut(addresses[0], ":")
	metricsHost, metricsPort, _ := strings.Cut(addresses[1], ":")
	command := exec.CommandContext(ctx, program, "--disable-tls", "--redis", addresses[2], "--address", host, "--port", port,
		"--metrics-address", metricsHost, "--metrics-port", metricsPort, "--plugin-use-manifest-generate-paths")
	home := t.TempDir()
	path = append(path, os.Getenv("PATH"))
	command.Env = []string{"PATH=" + strings.Join(path, string(os.PathListSeparator)), "HOME=" + home, "TMPDIR=" + t.TempDir(), "ARGOCD_GPG_ENABLED=false", "ARGOCD_PLUGINSOCKFILEPATH=" + sockets}
	running := process.Start(t, "argocd-repo-server", command)
	client := rpc.Dial("tcp", addresses[0])
	t.Cleanup(client.Close)
	require.NoError(t, running.Await(ctx, func(ctx context.Context) error {
		_, err := client.Call(ctx, "grpc.health.v1.Health/Check", rpc.Message{})
		return err
	}))
	return repoServer{client, running}
}
