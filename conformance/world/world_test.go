package world

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"crypto/tls"
	"crypto/x509"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/parts"
)

// outside is a client that knows the world by its proxy and its authority alone.
func outside(t *testing.T, w *World) *http.Client {
	t.Helper()
	text, err := os.ReadFile(w.Certificate)
	require.NoError(t, err)
	trusted := x509.NewCertPool()
	require.True(t, trusted.AppendCertsFromPEM(text))
	transport := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: w.Address}), TLSClientConfig: &tls.Config{RootCAs: trusted}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func opened(t *testing.T) *World {
	t.Helper()
	w, err := Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(w.Close)
	return w
}

func TestChartsLieInTheirRepository(t *testing.T) {
	w := opened(t)
	require.NoError(t, w.Chart("https://charts.example.com/stable", Chart{"cache", "1.2.3", map[string][]byte{"templates/a.yaml": []byte("a: 1\n")}}))
	require.NoError(t, w.Chart("https://charts.example.com/stable", Chart{"cache", "1.2.4", nil}))
	client := outside(t, w)
	for path, code := range map[string]int{"index.yaml": 200, "cache-1.2.3.tgz": 200, "cache-1.2.4.tgz": 200, "cache-9.tgz": 404} {
		answer, err := client.Get("https://charts.example.com/stable/" + path)
		require.NoError(t, err)
		require.Equal(t, code, answer.StatusCode, path)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		if path == "index.yaml" {
			require.Contains(t, string(text), "cache-1.2.3.tgz")
			require.Contains(t, string(text), "cache-1.2.4.tgz")
		}
	}
}

// A chart of a container registry is pulled by the real Helm, as Argo CD has it pull.
func TestChartsLieInTheirRegistry(t *testing.T) {
	w := opened(t)
	require.NoError(t, w.Chart("registry.k8s.io/kueue/charts", Chart{"kueue", "0.19.2", map[string][]byte{"crds/a.yaml": []byte("a: 1\n")}}))
	cache, err := parts.Open(t.Logf)
	require.NoError(t, err)
	helm, err := cache.Program(t.Context(), "helm")
	require.NoError(t, err)
	folder := t.TempDir()
	pull := exec.CommandContext(t.Context(), helm, "pull", "oci://registry.k8s.io/kueue/charts/kueue", "--version", "0.19.2", "--destination", folder)
	pull.Env = append(w.Environment(), "HOME="+folder, "PATH="+os.Getenv("PATH"))
	output, err := pull.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.FileExists(t, filepath.Join(folder, "kueue-0.19.2.tgz"))
}

func TestImagesAreServedUnderTheirNames(t *testing.T) {
	w := opened(t)
	require.NoError(t, w.Image("registry.example.com/shop/checkout:1.4.0", map[string][]byte{"a": []byte("b")}))
	repository, err := name.NewRepository("registry.example.com/shop/checkout")
	require.NoError(t, err)
	tags, err := remote.List(repository, remote.WithTransport(outside(t, w).Transport))
	require.NoError(t, err)
	require.Equal(t, []string{"1.4.0"}, tags)
}

func TestRepositoryIsClonedAndPushedTo(t *testing.T) {
	w := opened(t)
	r, err := w.Repository(t.Context(), "https://git.example.com/lighthouse/fleet.git", map[string][]byte{"a/b.txt": []byte("one")})
	require.NoError(t, err)
	clone := filepath.Join(t.TempDir(), "clone")
	run := func(folder string, args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=e@example.com"}, args...)...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), append(w.Environment(), "GIT_CONFIG_GLOBAL=/dev/null")...)
		output, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", output)
	}
	run("", "clone", "-q", r.URL, clone)
	require.FileExists(t, filepath.Join(clone, "a/b.txt"))
	run(clone, "commit", "-q", "--allow-empty", "-m", "From outside")
	run(clone, "push", "-q")
	subjects, err := r.Subjects(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, []string{"From outside", "Start"}, subjects)
	require.NoError(t, r.Pull(t.Context()))
	_, err = r.Commit(t.Context(), "Second", func(work string) error { return os.Remove(filepath.Join(work, "a/b.txt")) })
	require.NoError(t, err)
	run(clone, "pull", "-q")
	require.NoFileExists(t, filepath.Join(clone, "a/b.txt"))
}

func TestUnknownHostsAreTold(t *testing.T) {
	w := opened(t)
	answer, err := outside(t, w).Get("https://elsewhere.example.com/")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	require.Equal(t, map[string]int{"elsewhere.example.com": 1}, w.Unknown())
}
