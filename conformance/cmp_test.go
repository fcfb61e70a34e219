package conformance

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/conformance/rpc"
)

// Methods of the cmp-server (argo-cd, cmpserver/plugin/plugin.proto).
const (
	checkPlugin      = "plugin.ConfigManagementPluginService/CheckPluginConfiguration"
	matchRepository  = "plugin.ConfigManagementPluginService/MatchRepository"
	generateManifest = "plugin.ConfigManagementPluginService/GenerateManifest"
	getParameters    = "plugin.ConfigManagementPluginService/GetParametersAnnouncement"
)

// The real argocd-cmp-server, with our plugin.yaml and the static program on PATH, answers for every overlay of the sample
// and for nothing else. What it generates is compared with every other way there is: see ways_test.go.
func TestPluginIsServedByTheCMPServer(t *testing.T) {
	ctx := process.Context(t)
	sidecar := startCMPServer(ctx, t, released(ctx, t), pluginConfig(t))
	fleet := archive(t, "..", "environments", "bases", "overlays", "golden")

	t.Run("it answers for overlays", func(t *testing.T) {
		for _, plane := range planes(t) {
			assert.True(t, sidecar.matches(ctx, t, fleet, "overlays/"+plane), plane)
		}
		for _, folder := range []string{"environments", "golden/dev", "bases/plane", "overlays/dev", "overlays"} {
			assert.False(t, sidecar.matches(ctx, t, fleet, folder), folder)
		}
	})
	t.Run("it announces parameters", func(t *testing.T) {
		answer, err := sidecar.ask(ctx, getParameters, fleet, "overlays/dev/spoke")
		require.NoError(t, err)
		announced, err := answer.Texts(1)
		require.NoError(t, err)
		require.Len(t, announced, 2)
		for i, want := range [][2]string{{"environment", "dev"}, {"plane", "spoke"}} {
			name, err := rpc.Message(announced[i]).Texts(1)
			require.NoError(t, err)
			value, err := rpc.Message(announced[i]).Texts(7)
			require.NoError(t, err)
			require.Equal(t, want, [2]string{name[0], value[0]})
		}
	})
	t.Run("a mistake comes through with its place", func(t *testing.T) {
		root := copyOfSample(t)
		spec := filepath.Join(root, "environments", "dev.cue")
		text, err := os.ReadFile(spec)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(spec, bytes.Replace(text, []byte(`"aws"`), []byte(`"asw"`), 1), 0o644))
		_, err = sidecar.ask(ctx, generateManifest, archive(t, root, "."), "overlays/dev/hub")
		require.ErrorContains(t, err, `environments/dev.cue:2:18: cluster.cloud: found "asw"`)
		_, err = sidecar.ask(ctx, generateManifest, fleet, "overlays/dev/hub", `ARGOCD_APP_PARAMETERS=[{"name":"shell","string":"rm"}]`)
		require.ErrorContains(t, err, `no such parameter: "shell"`)
	})
	left, err := os.ReadDir(filepath.Join(sidecar.work, "_cmp_server"))
	require.NoError(t, err)
	require.Empty(t, left, "nothing is left of what was sent")
}

// sidecar is a running cmp-server.
type sidecar struct {
	*rpc.Client
	sockets, work string // its folders: where it listens, and where it unpacks what is sent
}

// pluginConfig is the plugin.yaml that the component in bases/hub/argocd mounts.
func pluginConfig(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../bases/hub/argocd/plugin/plugin.yaml")
	require.NoError(t, err)
	return string(text)
}

// startCMPServer runs the cmp-server as the sidecar in bases/hub/argocd does: with nothing on PATH but the folder of the
// program, and with the text of a plugin.yaml.
func startCMPServer(ctx context.Context, t *testing.T, bin, plugin string) sidecar {
	t.Helper()
	server, err := cache(t).Program(ctx, "argocd-cmp-server")
	require.NoError(t, err)
	config, work := t.TempDir(), t.TempDir()
	sockets, err := os.MkdirTemp("", "cmp-") // the kernel allows a socket's path about a hundred characters
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(sockets)) })
	require.NoError(t, os.WriteFile(filepath.Join(config, "plugin.yaml"), []byte(plugin), 0o644))

	command := exec.Command(server, "--config-dir-path", config)
	command.Env = []string{"PATH=" + bin, "ARGOCD_PLUGINSOCKFILEPATH=" + sockets, "ARGOCD_CMP_WORKDIR=" + work, "TMPDIR=" + work}
	running := process.Start(t, "argocd-cmp-server", command)
	s := sidecar{rpc.Dial("unix", filepath.Join(sockets, "spokewright-v1.sock")), sockets, work}
	t.Cleanup(s.Close)
	require.NoError(t, running.Await(ctx, func(ctx context.Context) error {
		answer, err := s.Call(ctx, checkPlugin, rpc.Message{})
		if err != nil {
			return err
		}
		discovers, err := answer.IsTrue(1)
		if err == nil && !discovers {
			t.Error("plugin.yaml must say where it applies: without discovery it would answer for every folder")
		}
		return err
	}))
	return s
}

func (s sidecar) matches(ctx context.Context, t *testing.T, files []byte, folder string) bool {
	t.Helper()
	answer, err := s.ask(ctx, matchRepository, files, folder)
	require.NoError(t, err, folder)
	supported, err := answer.IsTrue(1)
	require.NoError(t, err)
	return supported
}

// ask sends an Application's files, its folder in them and variables, as the repo-server does (argo-cd,
// util/cmp/stream.go): first what comes, then the files.
func (s sidecar) ask(ctx context.Context, method string, files []byte, folder string, variables ...string) (rpc.Message, error) {
	metadata := rpc.Message{}.Text(1, "example").Text(2, folder).Text(3, fmt.Sprintf("%x", sha256.Sum256(files))).Number(4, uint64(len(files)))
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		metadata = metadata.Text(5, string(rpc.Message{}.Text(1, name).Text(2, value)))
	}
	file := rpc.Message{}.Text(1, string(files))
	return s.Call(ctx, method, rpc.Message{}.Text(1, string(metadata)), rpc.Message{}.Text(2, string(file)))
}

// archive packs folders of a tree.
func archive(t *testing.T, root string, folders ...string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	writer := tar.NewWriter(zipped)
	for _, folder := range folders {
		require.NoError(t, fs.WalkDir(os.DirFS(root), folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || name == "." {
				return err
			}
			header := &tar.Header{Name: name, Mode: 0o755, Typeflag: tar.TypeDir}
			var text []byte
			if !entry.IsDir() {
				if text, err = os.ReadFile(filepath.Join(root, name)); err != nil {
					return err
				}
				header = &tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(text))}
			}
			if err := writer.WriteHeader(header); err != nil {
				return err
			}
			_, err = writer.Write(text)
			return err
		}))
	}
	require.NoError(t, writer.Close())
	require.NoError(t, zipped.Close())
	return packed.Bytes()
}
