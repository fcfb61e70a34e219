package mutability

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/clouds.md is the table for people; SPOKEWRIGHT_UPDATE=1 writes it anew.
func TestThePageOfCloudsIsTheTable(t *testing.T) {
	const file = "../../docs/clouds.md"
	want := page()
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "make golden writes it")
}

func page() string {
	var text strings.Builder
	text.WriteString(`# What clouds make of a change

What happens when a field of a claim changes, through Spokewright's own compositions: where the provider's definition or the
provider's code says that another value would need another object, the provider refuses it, and nothing changes. ` + "`spokewright diff`" + `
and ` + "`spokewright check`" + ` judge by this table. It is data, in ` + "`internal/mutability`" + `, and this page is written from it.

| word | what it means |
|---|---|
| in place | taken over where it runs, perhaps with a restart; also where nothing reads the field |
| delayed | taken over in the next maintenance window |
| recreate | what runs would have to be made anew |
| refused | the cloud, the provider or the hub's API does not take it |

A field that is only looked at (` + "`management: Observe`" + `) changes nothing in the cloud. What was adopted keeps as it was found: ` + left() + `.
What a fleet's own kinds are made of is not known here.
`)
	for _, kind := range kinds() {
		fmt.Fprintf(&text, "\n## %s\n\n| field | cloud | where | it is | |\n|---|---|---|---|---|\n", kind)
		for _, entry := range alike(entriesOf(kind)) {
			for i, c := range entry.Cases {
				field, clouds, where := "", "", c.When.Says
				if i == 0 {
					field, clouds = "`"+entry.Field+"`", strings.Join(entry.Clouds, ", ")
				}
				if i > 0 && where == "" {
					where = "otherwise"
				}
				fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", field, clouds, where, c.Effect, told(c))
			}
		}
	}
	text.WriteString("\n## Where this was read\n\n| source | it says | for |\n|---|---|---|\n")
	readers, order := readers()
	for _, source := range order {
		where := "<" + source.Report + ">"
		if source.CRD != "" {
			where = "`" + source.CRD + "` `" + source.Field + "`"
		}
		fmt.Fprintf(&text, "| %s | %s | %s |\n", where, source.Says, strings.Join(readers[source], ", "))
	}
	return text.String()
}

func kinds() []string {
	return []string{"Network", "Cluster", "NodePool", "Peering", "Database", "Workspace"}
}

// alike puts the clouds of which the same is said into one entry.
func alike(entries []Entry) []Entry {
	var all []Entry
	for _, entry := range entries {
		same := slices.IndexFunc(all, func(e Entry) bool { return e.Field == entry.Field && words(e) == words(entry) })
		if same < 0 {
			all = append(all, entry)
			continue
		}
		all[same].Clouds = append(slices.Clip(all[same].Clouds), entry.Clouds...)
	}
	return all
}

func words(e Entry) string {
	var all []string
	for _, c := range e.Cases {
		all = append(all, c.When.Says, string(c.Effect), told(c))
	}
	return strings.Join(all, "\n")
}

// entriesOf are the entries of a kind, those of a field beside each other.
func entriesOf(kind string) []Entry {
	entries := slices.DeleteFunc(Entries(), func(e Entry) bool { return e.Kind != kind })
	slices.SortStableFunc(entries, func(a, b Entry) int { return strings.Compare(a.Field, b.Field) })
	return entries
}

func told(c Case) string {
	if c.Instead == "" {
		return c.Why
	}
	return c.Why + ". Instead: " + c.Instead
}

// left are the fields that what was adopted keeps, by kind.
func left() string {
	var all []string
	for _, kind := range []string{"Cluster", "Database"} {
		var names []string
		for _, entry := range entriesOf(kind) {
			if entry.Left {
				names = append(names, "`"+entry.Field+"`")
			}
		}
		all = append(all, fmt.Sprintf("of a %s %s", strings.ToLower(kind), strings.Join(slices.Compact(names), ", ")))
	}
	return strings.Join(all, "; ")
}

// readers are the fields that rest on each source, and the sources in their order.
func readers() (map[Source][]string, []Source) {
	readers, order := map[Source][]string{}, []Source{}
	for _, kind := range kinds() {
		for _, entry := range entriesOf(kind) {
			for _, c := range entry.Cases {
				for _, source := range c.Sources {
					if readers[source] == nil {
						order = append(order, source)
					}
					reader := kind + " `" + entry.Field + "`"
					if !slices.Contains(readers[source], reader) {
						readers[source] = append(readers[source], reader)
					}
				}
			}
		}
	}
	return readers, order
}
