package world

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/registry"
)

// Image puts an image into the registry that its reference names: HOST/REPOSITORY:TAG. Its one layer holds the files.
func (w *World) Image(reference string, files map[string][]byte) error {
	host, rest, _ := strings.Cut(reference, "/")
	image, err := crane.Image(files)
	if err != nil {
		return err
	}
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
