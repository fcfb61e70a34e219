package world

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/registry"
	container "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image puts an image into the registry that its reference names: HOST/REPOSITORY:TAG. Its one layer holds the files.
func (w *World) Image(reference string, files map[string][]byte) error {
	image, err := crane.Image(files)
	if err != nil {
		return err
	}
	return w.push(reference, image)
}

// artifact puts a packed chart into the registry that its reference names, in the form in which Helm keeps it.
func (w *World) artifact(reference string, packed []byte) error {
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), "application/vnd.cncf.helm.config.v1+json")
	image, err := mutate.AppendLayers(image, static.NewLayer(packed, "application/vnd.cncf.helm.chart.content.v1.tar+gzip"))
	if err != nil {
		return err
	}
	return w.push(reference, image)
}

func (w *World) push(reference string, image container.Image) error {
	host, rest, _ := strings.Cut(reference, "/")
	server := httptest.NewServer(w.registry(host)) // pushed to directly: what serves under the name serves here too
	defer server.Close()
	return crane.Push(image, strings.TrimPrefix(server.URL, "http://")+"/"+rest, crane.Insecure)
}

// Beside has a container registry answer plain HTTP on loopback too, for a program that knows no proxy, until it is closed.
func (w *World) Beside(host string) (address string, close func()) {
	server := httptest.NewServer(w.registry(host))
	return server.URL, server.Close
}

// registry gives the container registry of a host.
func (w *World) registry(host string) http.Handler {
	w.lock.Lock()
	defer w.lock.Unlock()
	if known, served := w.hosts[host]; served {
		return known
	}
	made := registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true))
	w.hosts[host] = made
	return made
}
