package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bombs are changes to the fleet of a few bytes that ask for more than any machine has, or of many bytes.
func bombs() map[string]func(t *testing.T, root string) {
	text := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, root string) { writeText(t, root, name, text) }
	}
	cue := func(lines string) func(*testing.T, string) {
		return text("environments/dev.cue", lines+"\n"+usual+"\n")
	}
	hole := func(name string) func(*testing.T, string) {
		return func(t *testing.T, root string) {
			file := filepath.Join(root, filepath.FromSlash(name))
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			if _, err := os.Stat(file); err != nil {
				require.NoError(t, os.WriteFile(file, nil, 0o644))
			}
			require.NoError(t, os.Truncate(file, 1<<30))
		}
	}
	yaml := func(content string) func(*testing.T, string) {
		return func(t *testing.T, root string) {
			for name, text := range here(content) {
				writeText(t, root, name, text)
			}
		}
	}
	overlay := func(change checkout) func(*testing.T, string) {
		return func(t *testing.T, root string) {
			for name, text := range change {
				writeText(t, root, name, text)
			}
		}
	}
	return map[string]func(*testing.T, string){
		"texts that double":          cue(doubled(`_a0: "xxxxxxxxxxxxxxxx"`, `_a%d: _a%d + _a%[2]d`, 40) + "\nowner: _a40"),
		"texts in texts that double": cue(doubled(`_a0: "xxxxxxxxxxxxxxxx"`, `_a%d: "\(_a%d)\(_a%[2]d)"`, 40) + "\nowner: _a40"),
		"lists that double":          cue(doubled(`_a0: ["x", "x"]`, `_a%d: [_a%d, _a%[2]d]`, 40) + "\nlabels: x: \"\\(_a40)\""),
		"structs that double":        cue(doubled(`_a0: {x: 1}`, `_a%d: {l: _a%d, r: _a%[2]d}`, 40)),
		"let clauses that double":    cue(doubled(`let a0 = "xxxxxxxxxxxxxxxx"`, `let a%d = a%d + a%[2]d`, 40) + "\nowner: a40"),
		"disjunctions":               cue(fields(30, `_x: {a%[1]d: 1} | {b%[1]d: 1} | {c%[1]d: 1}`)),
		"comprehensions":             cue("_l: [for a in [1, 2, 3, 4, 5, 6, 7, 8, 9], for b in _l0, for c in _l0, for d in _l0 {\"\\(a)\\(b)\\(c)\\(d)\"}]\n_l0: [" + strings.Repeat("1, ", 3000) + "]"),
		"a long range":               cue("import \"list\"\n_l: list.Range(0, 50000000, 1)"),
		"a range by another name":    cue("import l \"list\"\n_l: l.Range(0, 50000000, 1)"),
		"a repeated text":            cue("import \"strings\"\nowner: strings.Repeat(\"x\", 4000000000)"),
		"a function by another name": cue("import \"strings\"\n_f: strings.Repeat\nowner: _f(\"x\", 4000000000)"),
		"a function by index":        cue("import \"strings\"\nowner: strings[\"Repeat\"](\"x\", 4000000000)"),
		"a function by quotes":       cue("import \"strings\"\nowner: strings.\"Repeat\"(\"x\", 4000000000)"),
		"a text in each letter":      cue("import \"strings\"\nowner: strings.Replace(\"" + strings.Repeat("x", 400_000) + "\", \"\", \"" + strings.Repeat("y", 400_000) + "\", -1)"),
		"a text between each":        cue("import \"strings\"\nowner: strings.Join(_l, \"" + strings.Repeat("x", 400_000) + "\")\n_l: [" + strings.Repeat("\"\",", 100_000) + "]"),
		"a number with many digits":  cue("import \"strconv\"\nowner: strconv.FormatFloat(1.5, 102, 400000000000, 64)"),
		"a bit":                      cue("import \"math/bits\"\n_n: bits.Set(1, 400000000000, 1)"),
		"a repeated list":            cue("import \"list\"\n_l: list.Repeat([1, 2, 3, 4], 1000000000)"),
		"a power":                    cue("import \"math\"\n_n: math.Pow(10, 100000000)"),
		"a shift":                    cue("import \"math/bits\"\n_n: bits.Lsh(1, 400000000000)"),
		"a large product":            cue(doubled(`_a0: 1234567890123456789`, `_a%d: _a%d * _a%[2]d`, 40)),
		"a template":                 cue("import \"text/template\"\nowner: template.Execute(#\"" + templates(40) + "\"#, {})"),
		"YAML in CUE":                cue("import \"encoding/yaml\"\n_y: yaml.Unmarshal(#\"\"\"\n\t" + strings.ReplaceAll(strings.TrimSpace(aliases(12)), "\n", "\n\t") + "\n\t\"\"\"#)"),
		"a regular expression":       cue("_r: \"x\" =~ \"" + strings.Repeat("(", 60) + "a" + strings.Repeat("{1,9})", 60) + "\""),
		"permutations":               cue("import \"list\"\n_l: list.Permutations([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])"),
		"a reference to itself":      cue("_x: {y: _x}"),
		"nested lists":               cue("_x: " + strings.Repeat("[", 400_000) + strings.Repeat("]", 400_000)),
		"nested structs":             cue("_x: " + strings.Repeat("{a:", 200_000) + "1" + strings.Repeat("}", 200_000)),
		"nested fields":              cue("_x: " + strings.Repeat("a: ", 300_000) + "1"),
		"nested parentheses":         cue("_x: " + strings.Repeat("(", 400_000) + "1" + strings.Repeat(")", 400_000)),
		"a long sum":                 cue("_x: 1" + strings.Repeat("+1", 400_000)),
		"a row of signs":             cue("_x: " + strings.Repeat("-", 900_000) + "1"),
		"a row of selectors":         cue("_x: y" + strings.Repeat(".y", 400_000)),
		"a row of calls":             cue("_x: y" + strings.Repeat("()", 400_000)),
		"a long interpolation":       cue("_x: \"" + strings.Repeat(`\("`, 100_000) + strings.Repeat(`")`, 100_000) + "\""),
		"many fields":                cue(fields(70_000, `_f%d: 1`)),
		"many patterns":              cue(fields(20_000, `_x: [=~"^a%d"]: 1`) + fields(20_000, `_x: a%d: 1`)),
		"a large spec":               cue("//" + strings.Repeat("x", 2<<20)),

		"a spec of 1 GB":                    hole("environments/dev.cue"),
		"a fleet of 1 GB":                   hole("environments/fleet.cue"),
		"a kustomization of 1 GB":           hole("overlays/dev/hub/kustomization.yaml"),
		"a functionConfig of 1 GB":          hole("overlays/dev/hub/environment.yaml"),
		"a base of 1 GB":                    hole("bases/plane/not-rendered.yaml"),
		"aliases":                           yaml("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" + aliases(12)),
		"aliases in a kustomization":        overlay(kustomization(strings.Split(strings.TrimSpace(aliases(12)), "\n")...)),
		"aliases in a functionConfig":       overlay(checkout{"overlays/dev/hub/environment.yaml": config("Environment", "dev", "hub") + aliases(12)}),
		"aliases in a patch":                overlay(kustomization("patches: [{target: {kind: Namespace}, path: x.yaml}]").and("overlays/dev/hub/x.yaml", aliases(12))),
		"nested YAML":                       yaml("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nx: " + strings.Repeat("[", 1_000_000)),
		"nested YAML in lines":              yaml("x:\n" + indents(4_000)),
		"nested JSON":                       yaml(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "x": ` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}"),
		"many objects":                      yaml(strings.Repeat("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x}\n---\n", 140_000)),
		"many objects of different names":   yaml(fields(120_000, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x%d}\n---")),
		"copies that double":                overlay(kustomization("patches: [{path: x.yaml, target: {kind: Namespace, name: dev}}]").and("overlays/dev/hub/x.yaml", copies(40))),
		"bases that double":                 overlay(bases(40, 2)),
		"bases one in another":              overlay(bases(2_000, 1)),
		"12,000 resources in one overlay":   manyResources(12_000),
		"12,000 specs beside the spec":      manySpecs(12_000),
		"many labels":                       overlay(kustomization("commonLabels: {" + strings.ReplaceAll(fields(100_000, "x%d: y,"), "\n", "") + "}")),
		"a text that is a hundred patches":  overlay(kustomization("patches:\n" + strings.Repeat("- {target: {kind: .*}, patch: '[{op: add, path: /metadata/annotations/x, value: y}]'}\n", 50_000))),
		"replacements of all by all fields": overlay(kustomization("replacements: [{path: x.yaml}]").and("overlays/dev/hub/x.yaml", strings.Repeat("- {source: {kind: Namespace}, targets: [{select: {kind: .*}, fieldPaths: [metadata.annotations.x], options: {create: true}}]}\n", 50_000))),
	}
}

// doubled is a chain of lines, each made from the one before it.
func doubled(first, next string, count int) string {
	lines := []string{first}
	for i := 1; i <= count; i++ {
		lines = append(lines, fmt.Sprintf(next, i, i-1))
	}
	return strings.Join(lines, "\n")
}

// fields are lines with a number in each.
func fields(count int, line string) string {
	var text strings.Builder
	for i := range count {
		fmt.Fprintf(&text, line+"\n", i)
	}
	return text.String()
}

// aliases is YAML of a few lines that stands for 9 to the power of count values.
func aliases(count int) string {
	return doubledYAML("x0: &x0 [x, x, x, x, x, x, x, x, x]", count)
}

func doubledYAML(first string, count int) string {
	lines := []string{first}
	for i := 1; i <= count; i++ {
		lines = append(lines, fmt.Sprintf("x%d: &x%[1]d [%s]", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i-1), 9), ", ")))
	}
	return strings.Join(lines, "\n") + "\n"
}

// templates is a Go template that prints 2 to the power of count words.
func templates(count int) string {
	text := `{{define "a0"}}xxxxxxxx{{end}}`
	for i := 1; i <= count; i++ {
		text += fmt.Sprintf(`{{define "a%d"}}{{template "a%d"}}{{template "a%[2]d"}}{{end}}`, i, i-1)
	}
	return text + fmt.Sprintf(`{{template "a%d"}}`, count)
}

func indents(count int) string {
	var text strings.Builder
	for i := range count {
		text.WriteString(strings.Repeat(" ", i+1) + "x:\n")
	}
	return text.String()
}

// copies is a patch that copies an object into itself.
func copies(count int) string {
	lines := []string{`- {op: add, path: /spec, value: {a: {b: ccccccccccccccccccccccccccc}}}`}
	for range count {
		lines = append(lines, `- {op: copy, from: /spec/a, path: /spec/x}`, `- {op: copy, from: /spec, path: /spec/a}`)
	}
	return strings.Join(lines, "\n") + "\n"
}

// bases are kustomizations one in another, each so many times in the next.
func bases(deep, times int) checkout {
	c := resource("../../../bases/b0")
	for i := range deep {
		next := fmt.Sprintf("../b%d", i+1)
		if i == deep-1 {
			next = "../plane"
		}
		c[fmt.Sprintf("bases/b%d/kustomization.yaml", i)] = "resources: [" + strings.TrimSuffix(strings.Repeat(next+", ", times), ", ") + "]\n"
	}
	return c
}

// manyResources lists so many files.
func manyResources(count int) func(*testing.T, string) {
	return func(t *testing.T, root string) {
		var list strings.Builder
		for i := range count {
			fmt.Fprintf(&list, ", r/%d.yaml", i)
		}
		for name, text := range kustomization("resources: [../../../bases/plane" + list.String() + "]") {
			writeText(t, root, name, text)
		}
		manyFiles(t, filepath.Join(root, "overlays/dev/hub/r"), count, "%d.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: r%d}}")
	}
}

// manySpecs makes dev a hub among so many environments.
func manySpecs(count int) func(*testing.T, string) {
	return func(t *testing.T, root string) {
		writeText(t, root, "environments/dev.cue", "class: \"development\", role: \"hub\"\n")
		manyFiles(t, filepath.Join(root, "environments"), count, "e%d.cue", usual+" // %d")
	}
}

func manyFiles(t *testing.T, dir string, count int, name, text string) {
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for i := range count {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf(name, i)), fmt.Appendf(nil, text, i), 0o644))
	}
}

// What a call that is given up may have taken. Time is that of the processors: a busy machine is no bomb.
const (
	bombLimit  = 2 * time.Second // the plugin's own is cmpProcessor
	bombSlack  = 2 * time.Second // of ending
	bombMemory = 512             // MB
)

// TestPluginOutlivesBombs finds that each is refused, or stopped at a limit, with a message and nothing on stdout.
// SPOKEWRIGHT_THOROUGH=1 lets all of them off, leaves the plugin its own limit of processor time, and asks that each bomb is over after 10 s; on
// a machine so busy that it is not, the deadline ends it.
func TestPluginOutlivesBombs(t *testing.T) {
	t.Parallel()
	all := bombs()
	require.GreaterOrEqual(t, len(all), 50)
	args, limit := []string{"generate", "--processor-time", bombLimit.String()}, bombLimit
	thorough := os.Getenv("SPOKEWRIGHT_THOROUGH") != ""
	if thorough {
		args, limit = []string{"generate", "--deadline", "9s"}, cmpProcessor
	}
	for i, name := range slices.Sorted(maps.Keys(all)) {
		lay := all[name]
		if i%2 > 0 && !thorough {
			continue // each costs half a second or more
		}
		t.Run(name, func(t *testing.T) {
			root := checkout{}.lay(t)
			lay(t, root)
			got := pluginCall{dir: filepath.Join(root, "overlays/dev/hub"), args: args}.call(t)
			t.Logf("%d MB, %s, %s of processors: %.100s", got.memory, got.took.Round(10*time.Millisecond), got.processor.Round(10*time.Millisecond), got.stderr)
			assert.Contains(t, []int{exitFailed, exitWrong}, got.code)
			assert.Empty(t, got.stdout)
			assert.NotEmpty(t, got.stderr)
			assert.Less(t, len(got.stderr), 4_000, "a message is no bomb either")
			assert.NotContains(t, got.stderr, "goroutine ", "a message, not a crash")
			assert.Less(t, got.processor, limit+bombSlack)
			assert.Less(t, got.memory, max(bombMemory, ownPeak(t)+1), "a process counts as large as the one that started it")
			assert.Empty(t, got.left)
			if thorough {
				assert.Less(t, got.took, 10*time.Second)
			}
		})
	}
}

// ownPeak is the most memory that this process had, in MB.
func ownPeak(t *testing.T) int {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return int(usage.Maxrss >> 10)
}
