package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
)

// peers measures what other tools take to print the objects of a fleet that they have as they stand: the least that whoever keeps them
// as a chart, as CUE or as Jsonnet pays. Each gets all of them in one call, and what it prints is compared first.
func (b *bench) peers() error {
	for _, environments := range b.peerSizes() {
		f := b.standard(environments)
		dir, err := b.lay(f)
		if err != nil {
			return err
		}
		if _, err := b.render(dir); err != nil {
			return err
		}
		home := filepath.Join(b.folder, fmt.Sprintf("peers-of-%d", environments))
		names, works, err := b.contenders(f, dir, home)
		if err != nil {
			return err
		}
		costs, err := interleaved(b.often(environments), works...)
		if err != nil {
			return err
		}
		b.report.peers(environments+1, names, costs)
	}
	return nil
}

func (b *bench) peerSizes() []int {
	if b.small {
		return []int{1}
	}
	return []int{1, 100}
}

// contenders are our render and that of every peer that is there, of the same objects.
func (b *bench) contenders(f fleet, dir, home string) (names []string, works []func() (cost, error), err error) {
	var texts [][]byte
	for _, target := range render.Targets(f.names()) {
		text, err := os.ReadFile(filepath.Join(dir, render.Golden, target.File()))
		if err != nil {
			return nil, nil, err
		}
		texts = append(texts, text)
	}
	want, err := sorted(manifest.Join(texts))
	if err != nil {
		return nil, nil, err
	}
	add := func(name, dir, program string, args ...string) error {
		printed := filepath.Join(home, name+".out")
		work := func() (cost, error) {
			out, err := os.Create(printed)
			if err != nil {
				return cost{}, err
			}
			defer out.Close()
			return process(dir, "", out, program, args...)
		}
		if _, err := work(); err != nil {
			return err
		}
		text, err := os.ReadFile(printed)
		if err != nil {
			return err
		}
		if got, err := sorted(text); err != nil || !slices.Equal(got, want) {
			return errors.Join(err, fmt.Errorf("%s prints other objects than stand in golden/", name))
		}
		names, works = append(names, name), append(works, work)
		return nil
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, nil, err
	}
	if err := add("spokewright render", dir, b.tools.spokewright, "render", "-o", "-"); err != nil {
		return nil, nil, err
	}
	for _, peer := range everyPeer() {
		program, there := b.tools.peers[peer.program]
		if !there {
			fmt.Fprintf(b.progress, "NOT MEASURED: %s, which -peers does not name; make bench builds it\n", peer.program)
			continue
		}
		if err := peer.write(home, texts); err != nil {
			return nil, nil, err
		}
		if err := add(peer.program+" "+peer.args[0], home, program, peer.args...); err != nil {
			return nil, nil, err
		}
	}
	return names, works, nil
}

// peer is another tool that prints objects.
type peer struct {
	program string
	args    []string
	write   func(home string, texts [][]byte) error // what it reads
}

func everyPeer() []peer {
	return []peer{
		{"helm", []string{"template", "bench", "chart"}, writeChart},
		{"cue", []string{"export", "objects.cue", "-e", "text", "--out", "text"}, func(home string, texts [][]byte) error {
			return writeLiteral(filepath.Join(home, "objects.cue"), "import \"encoding/yaml\"\n\ntext: yaml.MarshalStream(objects)\nobjects: ", texts)
		}},
		{"jsonnet", []string{"--yaml-stream", "objects.jsonnet"}, func(home string, texts [][]byte) error {
			return writeLiteral(filepath.Join(home, "objects.jsonnet"), "", texts)
		}},
	}
}

// writeChart writes a chart with a template for each target.
func writeChart(home string, texts [][]byte) error {
	braces := strings.NewReplacer("{{", `{{ "{{" }}`, "}}", `{{ "}}" }}`)
	err := writeText(filepath.Join(home, "chart", "Chart.yaml"), []byte("apiVersion: v2\nname: bench\nversion: 0.1.0\n"))
	for i, text := range texts {
		err = errors.Join(err, writeText(filepath.Join(home, "chart", "templates", fmt.Sprintf("%d.yaml", i)), []byte(braces.Replace(string(text)))))
	}
	return err
}

// writeLiteral writes all objects as a list in JSON, which is CUE and Jsonnet.
func writeLiteral(file, before string, texts [][]byte) error {
	objects, err := manifest.Objects(manifest.Join(texts))
	if err != nil {
		return err
	}
	list, err := json.MarshalIndent(objects, "", "  ")
	return errors.Join(err, writeText(file, append([]byte(before), list...)))
}

// sorted are the objects of a stream as texts that can be compared.
func sorted(stream []byte) ([]string, error) {
	objects, err := manifest.Objects(bytes.TrimPrefix(stream, []byte("---\n")))
	var all []string
	for _, object := range objects {
		text, failed := json.Marshal(object)
		all, err = append(all, string(text)), errors.Join(err, failed)
	}
	slices.Sort(all)
	return all, err
}
