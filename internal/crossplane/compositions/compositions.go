// Package compositions makes the Compositions behind Spokewright's own claims, for each cloud and both generations of
// Crossplane, from one CUE source. What a claim may hold is not its concern, nor what Crossplane makes of it.
package compositions

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/manifest"
)

//go:embed *.cue
var source embed.FS

// The generations of Crossplane, and the folders of their Compositions.
const (
	Namespaced = "namespaced"
	Claims     = "claims"
)

// Make gives the Compositions of a generation, by the name of the file they belong in (CLOUD-KIND). An error is a fault
// of this program.
func Make(generation string) (map[string][]manifest.Object, error) {
	value, err := load(generation)
	if err != nil {
		return nil, fmt.Errorf("embedded compositions: %w", err)
	}
	var files map[string][]manifest.Object
	if err := value.LookupPath(cue.ParsePath("files")).Decode(&files); err != nil {
		return nil, fmt.Errorf("embedded compositions for %s: %w", generation, err)
	}
	return files, nil
}

// load compiles the embedded files as one CUE package, with the generation as one more file: a value filled in later would
// have everything evaluated twice.
func load(generation string) (cue.Value, error) {
	instance := build.NewContext().NewInstance("compositions", nil)
	entries, err := source.ReadDir(".")
	if err != nil {
		return cue.Value{}, err
	}
	for _, entry := range entries {
		text, err := source.ReadFile(entry.Name())
		if err != nil {
			return cue.Value{}, err
		}
		if err := instance.AddFile(entry.Name(), text); err != nil {
			return cue.Value{}, err
		}
	}
	clouds, err := knownOfClouds()
	if err != nil {
		return cue.Value{}, err
	}
	if err := instance.AddFile("chosen.cue", fmt.Sprintf("package compositions\ngeneration: %q\n%s\n%s", generation, clouds, invented())); err != nil {
		return cue.Value{}, err
	}
	if err := instance.Complete(); err != nil {
		return cue.Value{}, err
	}
	value := cuecontext.New().BuildInstance(instance)
	return value, value.Err()
}

// knownOfClouds is what package cloud knows and compositions need, in CUE: JSON is CUE too.
func knownOfClouds() (string, error) {
	machines, accelerators := map[string]map[string]string{}, map[string]string{}
	for _, gpu := range cloud.GPUs() {
		if machines[gpu.Cloud] == nil {
			machines[gpu.Cloud] = map[string]string{}
		}
		for number, machine := range gpu.Machines {
			machines[gpu.Cloud][fmt.Sprintf("%s/%d", gpu.Kind, number)] = machine
		}
		if gpu.Accelerator != "" {
			accelerators[gpu.Kind] = gpu.Accelerator
		}
	}
	var text strings.Builder
	for name, value := range map[string]any{"zoneless": cloud.Zoneless("azure"), "gpus": machines, "accelerators": accelerators} {
		data, err := json.Marshal(value)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%s: %s\n", name, data)
	}
	return text.String(), nil
}

// invented are the kinds whose names the cloud makes up, in CUE.
func invented() string {
	var text strings.Builder
	for _, kind := range externalname.Kinds() {
		if kind.Origin == externalname.Invented {
			fmt.Fprintf(&text, "invented: %q: true\n", kind.Group+"/"+kind.Name)
		}
	}
	return text.String()
}
