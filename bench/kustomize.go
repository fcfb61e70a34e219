package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"spokewright.dev/spokewright/internal/render"
)

// kustomize builds overlays with the real binary.
type kustomize struct {
	tools
	dir string // the fleet's
}

// plug links our functions into a folder of plugins, makes overlays that call them so, and finds that these print the same.
func (k kustomize) plug(targets []render.Target) error {
	home, err := filepath.Abs(filepath.Join(k.dir, "plugins"))
	if err != nil {
		return err
	}
	if err := os.Setenv("KUSTOMIZE_PLUGIN_HOME", home); err != nil {
		return err
	}
	if _, err := process(k.dir, "", nil, k.spokewright, "plugin", "install"); err != nil {
		return err
	}
	for _, target := range targets {
		text, err := os.ReadFile(filepath.Join(k.dir, target.Overlay(), "kustomization.yaml"))
		if err != nil {
			return err
		}
		plain := strings.ReplaceAll(string(text), `, annotations: {config.kubernetes.io/function: "exec: {path: spokewright, args: [fn]}"}`, "")
		if err := writeText(filepath.Join(k.dir, plugged, target.Environment, string(target.Plane), "kustomization.yaml"), []byte(plain)); err != nil {
			return err
		}
	}
	if _, err := k.plugged(targets); err != nil {
		return err
	}
	return k.compare(targets)
}

// plugged builds targets with our functions as exec plugins, which spares kustomize much of its own work.
func (k kustomize) plugged(targets []render.Target) (cost, error) {
	return k.buildAll(targets, func(t render.Target) string { return filepath.Join(plugged, t.Environment, string(t.Plane)) }, "--enable-alpha-plugins")
}

// The folders, beside those of the fleet, of what kustomize printed, and of overlays that hold nothing but what was
// rendered before.
const (
	printed = "printed"
	ready   = "ready"
	plugged = "plugged"
)

// build builds targets as a fleet's own CI would without Spokewright's render: one kustomize a target, which starts
// our functions; as many at a time as there are cores.
func (k kustomize) build(targets []render.Target) (cost, error) {
	return k.buildAll(targets, func(t render.Target) string { return t.Overlay() }, "--enable-alpha-plugins", "--enable-exec")
}

// alone builds the same objects from files that hold them already: what kustomize itself takes, without our functions.
func (k kustomize) alone(targets []render.Target) (cost, error) {
	return k.buildAll(targets, k.ready)
}

func (kustomize) ready(t render.Target) string {
	return filepath.Join(ready, t.Environment, string(t.Plane))
}

func (k kustomize) buildAll(targets []render.Target, folder func(render.Target) string, flags ...string) (cost, error) {
	if err := os.RemoveAll(filepath.Join(k.dir, printed)); err != nil {
		return cost{}, err
	}
	var sum cost
	var lock sync.Mutex
	took, err := inside(func() error {
		return each(len(targets), func(i int) error {
			c, err := k.one(targets[i], folder(targets[i]), flags)
			lock.Lock()
			defer lock.Unlock()
			sum = sum.plus(c)
			return err
		})
	})
	sum.wall = took.wall
	return sum, err
}

func (k kustomize) one(target render.Target, folder string, flags []string) (cost, error) {
	file := filepath.Join(k.dir, printed, target.File())
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return cost{}, err
	}
	out, err := os.Create(file)
	if err != nil {
		return cost{}, err
	}
	defer out.Close()
	return process(k.dir, filepath.Dir(k.spokewright), out, k.kustomize, append([]string{"build", folder}, flags...)...)
}

// compare finds the first target of which kustomize printed something else than stands in golden/.
func (k kustomize) compare(targets []render.Target) error {
	for _, target := range targets {
		want, err := os.ReadFile(filepath.Join(k.dir, printed, target.File()))
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(k.dir, render.Golden, target.File()))
		if err != nil {
			return err
		}
		if !bytes.Equal(want, got) {
			return fmt.Errorf("%s: kustomize prints %d bytes, spokewright wrote %d others", target.File(), len(want), len(got))
		}
	}
	return nil
}

// prepare makes the overlays for alone.
func (k kustomize) prepare(targets []render.Target) error {
	for _, target := range targets {
		text, err := os.ReadFile(filepath.Join(k.dir, render.Golden, target.File()))
		if err != nil {
			return err
		}
		folder := filepath.Join(k.dir, k.ready(target))
		if err := writeText(filepath.Join(folder, "objects.yaml"), text); err != nil {
			return err
		}
		file := []byte(kustomization("objects.yaml") + "sortOptions: {order: fifo}\n")
		if err := writeText(filepath.Join(folder, "kustomization.yaml"), file); err != nil {
			return err
		}
	}
	return nil
}
