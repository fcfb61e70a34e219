// Command bench measures speed and memory as ratios, side by side in one run: to kustomize, which does the same work,
// and to the least that the work can cost. It compares outputs before it times anything. A figure never makes it fail;
// a wrong output does. It is not a test, and its fleets are made up, though they look like real ones.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == floorVerb {
		os.Exit(exitCode(measureFloor(os.Args[2], os.Stdout), os.Stderr))
	}
	os.Exit(exitCode(run(os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

func exitCode(err error, stderr io.Writer) int {
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// options are the command line.
type options struct {
	environments numbers
	objects      int
	seed         uint64
	sample       int
	repetitions  int
	growth       bool
	small        bool
	only         string
	output       string
	tools        tools
	folder       string
	compare      string
}

// curves are the sizes at which growth is measured: of fleets in environments, and of one environment in objects. An
// environment of the largest size is near the most that a spec may hold.
func (o options) curves() (environments, objects []int) {
	if o.small {
		return []int{1, 3}, []int{30, 100}
	}
	return []int{10, 30, 100, 300, 1000, 10000}, []int{30, 100, 300, 1000, 2800}
}

// tools are the binaries that are measured.
type tools struct {
	spokewright, kustomize string
	peers                  programs
}

// programs is a flag such as /opt/helm,/opt/cue: paths by the names of what lies there.
type programs map[string]string

func (p programs) String() string { return strings.Join(slices.Sorted(maps.Values(p)), ",") }

// Set reads the flag.
func (p programs) Set(text string) error {
	for path := range strings.SplitSeq(text, ",") {
		if path != "" {
			p[filepath.Base(path)] = path
		}
	}
	return nil
}

// numbers is a flag such as 1,100,1000.
type numbers []int

func (n *numbers) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(*n), " ", ","), "[]")
}

// Set reads the flag.
func (n *numbers) Set(text string) error {
	*n = nil
	for word := range strings.SplitSeq(text, ",") {
		number, err := strconv.Atoi(word)
		if err != nil || number < 1 {
			return fmt.Errorf("found %q, allowed are numbers above 0 with commas between them", word)
		}
		*n = append(*n, number)
	}
	return nil
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{environments: numbers{1, 100, 1000}, tools: tools{peers: programs{}}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&o.environments, "environments", "sizes of the fleets")
	flags.IntVar(&o.objects, "objects", 60, "objects of one environment, about")
	flags.Uint64Var(&o.seed, "seed", 1, "what the fleets are made from")
	flags.IntVar(&o.sample, "kustomize-sample", 100, "the most environments that kustomize builds; more are extrapolated. 0 builds all")
	flags.IntVar(&o.repetitions, "repetitions", 5, "how often a short run is repeated; long ones are repeated less")
	flags.BoolVar(&o.growth, "growth", true, "measure how time grows with environments and with objects")
	flags.BoolVar(&o.small, "small", false, "run everything once on small fleets: it shows that the bench works, its figures say nothing")
	flags.StringVar(&o.only, "only", "", "the one part to measure, such as diff; all where nothing is said")
	flags.StringVar(&o.output, "o", "text", `"text" or "json"`)
	flags.StringVar(&o.compare, "compare", "", "a report of an earlier run, written by -o json: every figure is put beside the one of then")
	flags.StringVar(&o.folder, "folder", "", "where to make the fleets, and to leave them; a temporary folder where nothing is said")
	flags.StringVar(&o.tools.spokewright, "spokewright", filepath.Join("bin", "spokewright"), "the binary to measure")
	flags.StringVar(&o.tools.kustomize, "kustomize", os.Getenv("SPOKEWRIGHT_KUSTOMIZE"), "the binary to compare with")
	flags.Var(o.tools.peers, "peers", "helm, cue and jsonnet, as far as they are to be compared with")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.small {
		o.environments, o.repetitions, o.sample = numbers{3}, 1, 2
	}
	var parts []string
	for _, m := range (&bench{}).measurements() {
		parts = append(parts, m.name)
	}
	if o.only != "" && !slices.Contains(parts, o.only) {
		return o, fmt.Errorf("-only: found %q, allowed are %s", o.only, strings.Join(parts, ", "))
	}
	if o.output != "text" && o.output != "json" {
		return o, fmt.Errorf("-o: found %q, allowed is \"text\" or \"json\"", o.output)
	}
	return o, o.tools.find()
}

// find makes the paths absolute. kustomize finds our binary on PATH, so it must have its own name.
func (t *tools) find() error {
	if filepath.Base(t.spokewright) != "spokewright" {
		return fmt.Errorf("-spokewright: found %s, allowed is a binary of the name spokewright", t.spokewright)
	}
	if t.kustomize == "" {
		t.kustomize = "kustomize"
	}
	for _, tool := range []*string{&t.spokewright, &t.kustomize} {
		found, err := exec.LookPath(*tool)
		if err != nil {
			return fmt.Errorf("%w: make bench builds and installs what is measured", err)
		}
		if *tool, err = filepath.Abs(found); err != nil {
			return err
		}
	}
	return nil
}

func run(args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if o.folder == "" {
		if o.folder, err = os.MkdirTemp("", "spokewright-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.folder)
	}
	b := bench{options: o, progress: stderr}
	if o.compare != "" {
		if err := b.report.against(o.compare); err != nil {
			return err
		}
	}
	if err := b.measure(); err != nil {
		return err
	}
	if o.output == "json" {
		return b.report.json(stdout)
	}
	return b.report.text(stdout)
}
