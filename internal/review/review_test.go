package review

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/schema"
)

func printers() map[string]func(io.Writer, *Report) error {
	return map[string]func(io.Writer, *Report) error{
		"text.txt":    Text{Width: 100}.Write,
		"narrow.txt":  Text{Width: 60}.Write,
		"colour.txt":  Text{Width: 100, Colour: true}.Write,
		"json.json":   JSON,
		"markdown.md": Markdown,
		"page.html":   HTML,
	}
}

func printed(t *testing.T, print func(io.Writer, *Report) error, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, print(&out, r))
	return out.String()
}

// TestPrinters compares what is printed with testdata/printed; SPOKEWRIGHT_UPDATE=1 writes it anew.
func TestPrinters(t *testing.T) {
	for name, print := range printers() {
		for folder, r := range map[string]*Report{"small": New(small()), "none": New(change.Review{}, About{Environments: []string{"dev", "prod"}}), "large": New(large(1000))} {
			if folder == "large" && name != "text.txt" && name != "markdown.md" {
				continue // one golden of each kind of reader is enough for people to read
			}
			t.Run(folder+"/"+name, func(t *testing.T) {
				file := filepath.Join("testdata", "printed", folder, name)
				got := printed(t, print, r)
				if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
					require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
					require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				}
				want, err := os.ReadFile(file)
				require.NoError(t, err)
				assert.Equal(t, string(want), got)
			})
		}
	}
}

func TestTheWorstChangeGivesTheExitCode(t *testing.T) {
	one := func(class change.Class, declared bool) change.Change {
		c := made("dev", schema.Hub, "Database", "dev", string(class), "", change.Changed, whole(class, "", ""))
		if declared {
			c.Declared = &change.Declaration{What: "databases/x"}
		}
		return c
	}
	exits := map[change.Class]int{change.Create: 3, change.InPlace: 3, change.Move: 3, change.Waive: 3, change.Delayed: 3, change.Regenerate: 4, change.Rename: 4,
		change.Recreate: 4, change.Delete: 4, change.Weaken: 4, change.Loosen: 4, change.Refused: 2}
	require.Len(t, exits, len(change.Classes()))
	for class, want := range exits {
		assert.Equal(t, want, New(change.Review{Changes: []change.Change{one(class, false)}}, About{}).ExitCode(), class)
	}
	for want, changes := range map[int][]change.Change{
		0: nil,
		2: {one(change.Create, false), one(change.Refused, false), one(change.Delete, false)},
		3: {one(change.Delete, true), one(change.Create, false)},
		4: {one(change.Create, false), one(change.Delete, true), one(change.Loosen, false)},
	} {
		assert.Equal(t, want, New(change.Review{Changes: changes}, About{}).ExitCode())
	}
}

func TestTheSameChangeIsToldOnce(t *testing.T) {
	var r change.Review
	for _, name := range []string{"a", "b", "c"} {
		r.Changes = append(r.Changes, made(name, schema.Hub, "Database", name, name+"-orders", "databases/orders", change.Changed, changed(change.InPlace, "spec.id", name+"-x", "x/"+name)))
	}
	r.Changes = append(r.Changes,
		made("d", schema.Hub, "Database", "d", "d-orders", "databases/orders", change.Changed, changed(change.InPlace, "spec.id", "a-x", "x/a")),
		made("e", schema.Hub, "Database", "e", "e-orders", "databases/orders", change.Changed, changed(change.InPlace, "spec.id", "<ENV>-x", "x/<ENV>")))
	report := New(r, About{})
	require.Len(t, report.groups, 3)
	assert.Equal(t, []string{"a", "b", "c"}, report.groups[0].environments())
	assert.Equal(t, "<ENV>-x", report.groups[0].fields[0].Old)
	assert.Equal(t, "x/<ENV>", report.groups[0].fields[0].New)
	assert.Equal(t, "<ENV>/<ENV>-orders", strings.TrimPrefix(title(report.groups[0].object), "Database "))
	assert.Equal(t, "a-x", report.groups[1].fields[0].Old)
	assert.Equal(t, []string{"e"}, report.groups[2].environments(), "a text that looks like the placeholder is not one")
}

func TestWithPlaceholder(t *testing.T) {
	for text, want := range map[string]string{
		"dev": "<ENV>", "dev-orders": "<ENV>-orders", "x-dev": "x-<ENV>", "device": "device", "mydev": "mydev", "dev/dev": "<ENV>/<ENV>", "dev_x": "dev_x", "": "",
	} {
		assert.Equal(t, want, withPlaceholder(text, "dev"), text)
	}
}

// TestAnyChangeFitsAComment: done-line 5. Every environment of a thousand loses something of another name.
func TestAnyChangeFitsAComment(t *testing.T) {
	r, about := large(1000)
	for i, name := range about.Environments {
		if i%10 != 0 {
			r.Changes = append(r.Changes, made(name, schema.Hub, "Database", name, fmt.Sprintf("orders-%d", i), fmt.Sprintf("databases/orders-%d", i), change.Removed,
				whole(change.Delete, "the database goes with all that is in it", "declare it")))
		}
		r.Changes = append(r.Changes, made(name, schema.Spoke, "Namespace", "", name, "namespaces/"+name, change.Changed, changed(change.Weaken, "metadata.labels.enforce", "restricted", "baseline")))
	}
	text := printed(t, Markdown, New(r, about))
	assert.Less(t, len(text), 65_536)
	inertMarkdown(t, text)
	for i, name := range about.Environments {
		assert.Contains(t, text, fmt.Sprintf("- `%s`: delete `Database orders-%d`\n", name, i))
	}
	assert.Contains(t, text, "- `all 1000 environments`: weaken `Namespace <ENV>`\n")
	assert.Contains(t, text, "This comment cannot hold the details of all")

	// However large: what does not fit is counted.
	for i := range 200 {
		for j := range 40 {
			name := fmt.Sprintf("%s-%d-%d", strings.Repeat("x", 50), i, j)
			r.Changes = append(r.Changes, made(name, schema.Hub, "Database", name, strings.Repeat("y", j+5), "", change.Removed, whole(change.Delete, "", "")))
			r.Declarations = append(r.Declarations, change.Declaration{Environment: name, What: name, Used: true})
		}
	}
	text = printed(t, Markdown, New(r, about))
	assert.Less(t, len(text), 65_536)
	inertMarkdown(t, text)
	assert.Regexp(t, `and \d+ lines of this list more`, text)
	assert.Regexp(t, `and \d+ declarations more`, text)
}

// TestWhatManyObjectsHaveIsToldOnce: a label of the whole fleet takes a few lines of a terminal, and what is dangerous still
// stands with all that it does.
func TestWhatManyObjectsHaveIsToldOnce(t *testing.T) {
	label := changed(change.InPlace, `metadata.labels["example.com/owner"]`, "a", "b")
	var r change.Review
	var about About
	for i := range 300 {
		name := fmt.Sprintf("env-%03d", i)
		about.Environments = append(about.Environments, name)
		for _, kind := range []string{"Namespace", "Network", "Cluster", "Database", "Usage", "Role"} {
			r.Changes = append(r.Changes, made(name, schema.Hub, kind, name, "main", "", change.Changed, label))
		}
	}
	r.Changes[3].Effects = append(r.Changes[3].Effects, changed(change.InPlace, "spec.size", "small", "large"))
	r.Changes[4].Class = change.Weaken
	r.Changes[4].Effects = append(r.Changes[4].Effects, whole(change.Weaken, "nothing keeps it", "keep it"))
	var text strings.Builder
	require.NoError(t, Text{}.Write(&text, New(r, about)))
	assert.Less(t, strings.Count(text.String(), "\n"), 40, text.String())
	assert.Contains(t, text.String(), "1799 objects of ")
	assert.Contains(t, text.String(), "spec.size")
	_, of, found := strings.Cut(text.String(), "Usage env-000/main")
	require.True(t, found)
	assert.Contains(t, of, "example.com/owner", "a dangerous change is told whole")
}
