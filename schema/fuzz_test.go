package schema

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/finding"
)

// The doors for text that anybody may have written. Whatever stands there, mistakes are told at their places; nothing
// crashes, and while random texts are tried (make fuzz) nothing takes more than these.
const (
	mostTime   = 5 * time.Second // of the processor
	mostMemory = 256 << 20
)

const fuzzFleet = `name: "acme", owner: "platform"
repository: {url: "https://git.example.com/acme/fleet.git", revision: "main"}
`

func FuzzEnvironment(f *testing.F) {
	for _, archive := range scripts(f) {
		for _, file := range archive.Files {
			if path.Dir(file.Name) == Folder && file.Name != FleetFile {
				f.Add(string(file.Data))
			}
		}
	}
	reader, err := NewReader()
	require.NoError(f, err)
	fleet, err := reader.FleetConfig(FleetFile, []byte(fuzzFleet))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		bounded(text, func() {
			_, err := reader.Environment(fleet, "any", "environments/any.cue", []byte(text))
			told(t, err, map[string]string{"environments/any.cue": text})
		})
	})
}

func FuzzFleetConfig(f *testing.F) {
	f.Add(fuzzFleet)
	for _, archive := range scripts(f) {
		for _, file := range archive.Files {
			if file.Name == FleetFile {
				f.Add(string(file.Data))
			}
		}
	}
	reader, err := NewReader()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		bounded(text, func() {
			_, err := reader.FleetConfig(FleetFile, []byte(text))
			told(t, err, map[string]string{FleetFile: text})
		})
	})
}

// FuzzTree reads whole trees, written as one text: each file begins with its name, "-- environments/dev.cue --".
func FuzzTree(f *testing.F) {
	for _, archive := range scripts(f) {
		tree := &txtar.Archive{Files: []txtar.File{{Name: FleetFile, Data: []byte(fuzzFleet)}}}
		for _, file := range archive.Files {
			if path.Dir(file.Name) == Folder {
				tree.Files = append(tree.Files, file)
			}
		}
		if len(tree.Files) > 1 {
			f.Add(string(txtar.Format(tree)))
		}
	}
	reader, err := NewReader()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		tree, texts := fstest.MapFS{}, map[string]string{}
		for _, file := range txtar.Parse([]byte(text)).Files {
			if fs.ValidPath(file.Name) && path.Dir(file.Name) == Folder {
				tree[file.Name], texts[file.Name] = &fstest.MapFile{Data: file.Data}, string(file.Data)
			}
		}
		bounded(text, func() {
			_, err := reader.Fleet(tree)
			told(t, err, texts)
		})
	})
}

// FuzzRule reads a text as what a rule requires: in fleet.cue, and as the text that a functionConfig holds.
func FuzzRule(f *testing.F) {
	for _, seed := range []string{
		`spec: replicas: >=2`, `{A: A & A}`, `A: A&A`, `spec: {m: >="1Gi" & <"16Gi", n?: <="500m"}`, `a: string, b: a, c?: !=a`,
		`spec: {engine: string, if engine == "postgres" {version: =~"^1[5-9]$"}}`, `close({a?: int, b!: "x" | *"y", [=~"^z"]: [...string]})`,
		`#d, #d: {a: [int, ...#e], #e: {x?: _|_}}`, `#t: {a?: #t}`, `a: {b: int}, if a.b >= 2 {l: [...{c: >a.b}]}`, `let x = >=1, {a!: 2, x}`,
		`metadata: labels: "example.com/team": =~"."`, `spec: template: spec: containers: [...{image: !~":latest$"}]`, `import "strings"`,
	} {
		f.Add(seed)
	}
	reader, err := NewReader()
	require.NoError(f, err)
	values := []any{nil, true, 7, 7.5, "a", []any{"a", 1}, map[string]any{}, map[string]any{"a": 1, "b": map[string]any{"x": "a"}, "spec": map[string]any{"replicas": 1}}}
	f.Fuzz(func(t *testing.T, text string) {
		bounded(text, func() {
			whole := fuzzFleet + `classes: production: rules: any: {kinds: ["Deployment", "Database"], message: "any", require: {` + text + "\n}}\n"
			fleet, err := reader.FleetConfig(FleetFile, []byte(whole))
			told(t, err, map[string]string{FleetFile: whole})
			if err == nil {
				rule := fleet.Classes["production"].Rules["any"].Require
				require.NotEmpty(t, cel.Expression(rule, "object"))
				for _, value := range values {
					rule.Judge(value)
				}
			}
			rules := map[string]any{"any": map[string]any{"kinds": []any{"Deployment"}, "message": "any", "require": text}}
			_, err = reader.Inline("any", map[string]any{"class": "production", "role": "hub"}, map[string]any{
				"name": "acme", "owner": "platform", "repository": map[string]any{"url": "https://git.example.com/acme/fleet.git", "revision": "main"},
				"classes": map[string]any{"production": map[string]any{"rules": rules}},
			}, nil)
			told(t, err, nil)
		})
	})
}

// scripts are the tests that read aloud, whose specs are seeds.
func scripts(f *testing.F) []*txtar.Archive {
	files, err := filepath.Glob("../cmd/spokewright/testdata/script/*.txtar")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	archives := make([]*txtar.Archive, len(files))
	for i, file := range files {
		archives[i], err = txtar.ParseFile(file)
		require.NoError(f, err)
	}
	return archives
}

// told holds an error to what is promised: it is about the input, and each mistake has a place in one of the texts, if
// there are any, and one line of words.
func told(t *testing.T, err error, texts map[string]string) {
	if err == nil {
		return
	}
	var problems finding.Findings
	require.ErrorAs(t, err, &problems)
	require.NotEmpty(t, problems)
	for _, p := range problems {
		require.NotEmpty(t, p.Message)
		require.NotContains(t, p.Message, "\n")
		for _, fault := range []string{"runtime error", "%!", "goroutine"} {
			if !strings.Contains(text(texts), fault) {
				require.NotContains(t, p.Message, fault)
			}
		}
		if source, there := texts[p.File]; there {
			lines := strings.Split(source, "\n")
			require.Positive(t, p.Line, p)
			require.LessOrEqual(t, p.Line, len(lines), p)
			require.Positive(t, p.Column, p)
			require.LessOrEqual(t, p.Column, len(lines[p.Line-1])+2, p) // the end of the file may count as a line's end of its own
		}
	}
}

func text(texts map[string]string) string {
	var all strings.Builder
	for _, text := range texts {
		all.WriteString(text)
	}
	return all.String()
}

// bounded does work on one input. While random texts are tried, it ends the process when the input takes too much, so that
// it is kept as a find; the costliest so far are noted in the file that SPOKEWRIGHT_WORST names.
func bounded(input string, work func()) {
	if flag.Lookup("test.fuzz").Value.String() == "" {
		work()
		return
	}
	debug.SetMemoryLimit(mostMemory / 2)
	began, done, peak := processorTime(), make(chan struct{}), make(chan uint64)
	go func() {
		look := time.NewTicker(5 * time.Millisecond)
		defer look.Stop()
		most := uint64(0)
		for {
			select {
			case <-done:
				peak <- max(most, memoryInUse())
				return
			case <-look.C:
				most = max(most, memoryInUse())
				if spent := processorTime() - began; spent > mostTime || most > mostMemory {
					panic(fmt.Sprintf("%s of the processor and %d MB of memory for %q", spent, most>>20, input))
				}
			}
		}
	}()
	work()
	close(done)
	note(input, processorTime()-began, <-peak)
}

var worst struct {
	time   time.Duration
	memory uint64
}

func note(input string, spent time.Duration, memory uint64) {
	name := os.Getenv("SPOKEWRIGHT_WORST")
	if name == "" || spent <= worst.time && memory <= worst.memory {
		return
	}
	worst.time, worst.memory = max(worst.time, spent), max(worst.memory, memory)
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = fmt.Fprintf(file, "%s %d MB %.2000q\n", spent, memory>>20, input)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		panic(err)
	}
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func memoryInUse() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
