package world

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// Chart is a Helm chart: what lies in it by path, such as "templates/a.yaml". Chart.yaml is written for it.
type Chart struct {
	Name, Version string
	Files         map[string][]byte
}

// Charts is a Helm repository.
type Charts struct {
	lock  sync.Mutex
	files map[string][]byte // by path, from the host's root
	lists map[string]map[string][]any
}

// charts gives the Helm repositories of a host.
func (w *World) charts(host string) *Charts {
	w.lock.Lock()
	defer w.lock.Unlock()
	if known, ok := w.hosts[host].(*Charts); ok {
		return known
	}
	made := &Charts{files: map[string][]byte{}, lists: map[string]map[string][]any{}}
	w.hosts[host] = made
	return made
}

// Chart puts a chart into the Helm repository at an address. One without a scheme is a container registry's, as Argo CD has it.
func (w *World) Chart(repository string, chart Chart) error {
	packed, err := chart.pack()
	if err != nil {
		return err
	}
	if !strings.Contains(repository, "://") {
		return w.artifact(repository+"/"+chart.Name+":"+chart.Version, packed)
	}
	parsed, err := url.Parse(repository)
	if err != nil {
		return err
	}
	return w.charts(parsed.Host).put(strings.TrimSuffix(parsed.Path, "/"), chart, packed)
}

func (c *Charts) put(path string, chart Chart, packed []byte) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	file := chart.Name + "-" + chart.Version + ".tgz"
	sum := sha256.Sum256(packed)
	if c.lists[path] == nil {
		c.lists[path] = map[string][]any{}
	}
	c.lists[path][chart.Name] = append(c.lists[path][chart.Name], map[string]any{
		"apiVersion": "v2", "name": chart.Name, "version": chart.Version, "urls": []string{file},
		"digest": hex.EncodeToString(sum[:]), "created": "2026-01-01T00:00:00Z",
	})
	index, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "entries": c.lists[path], "generated": "2026-01-01T00:00:00Z"})
	c.files[path+"/"+file], c.files[path+"/index.yaml"] = packed, index
	return err
}

// ServeHTTP answers with a file.
func (c *Charts) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	c.lock.Lock()
	file, known := c.files[request.URL.Path]
	c.lock.Unlock()
	if !known {
		http.NotFound(writer, request)
		return
	}
	_, _ = writer.Write(file) // who asked may be gone
}

func (c Chart) pack() ([]byte, error) {
	description, err := yaml.Marshal(map[string]any{"apiVersion": "v2", "name": c.Name, "version": c.Version, "description": "a stand-in"})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	archive := tar.NewWriter(compressed)
	add := func(path string, text []byte) error {
		header := tar.Header{Name: c.Name + "/" + path, Size: int64(len(text)), Mode: 0o644}
		if err := archive.WriteHeader(&header); err != nil {
			return err
		}
		_, err := archive.Write(text)
		return err
	}
	if err := add("Chart.yaml", description); err != nil {
		return nil, err
	}
	var paths []string
	for path := range c.Files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if err := add(path, c.Files[path]); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := compressed.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
