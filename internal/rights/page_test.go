package rights

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/manifest"
)

// docs/account-aws.md, docs/account-azure.md and docs/account-gcp.md are the walks; what is made stands between two marks in each,
// and SPOKEWRIGHT_UPDATE=1 writes that anew.
func TestTheWalksEndWithWhatIsComposed(t *testing.T) {
	for _, cloud := range clouds {
		file := "../../docs/account-" + cloud + ".md"
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		before, rest, begins := strings.Cut(string(text), "<!-- made -->\n")
		old, after, ends := strings.Cut(rest, "<!-- end of made -->\n")
		require.True(t, begins && ends, file)
		want := made(t, cloud)
		if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
			require.NoError(t, os.WriteFile(file, []byte(before+"<!-- made -->\n"+want+"<!-- end of made -->\n"+after), 0o644))
			continue
		}
		assert.Equal(t, want, old, "make golden writes it into %s", file)
		for name := range Files() {
			if strings.HasPrefix(name, cloud+"-") && name != "aws-crossplane.json" && name != "aws-secrets.json" { // a function names those
				assert.Contains(t, before, "docs/accounts/"+name, "%s has no step with it", file)
			}
		}
		assert.Contains(t, before, "crossplane-system:spokewright-"+cloud, "the account that providers run as")
		assert.Contains(t, before, "external-secrets:spokewright-secrets", "the account that stores credentials")
	}
}

// made is what a first environment is made of, claim by claim and kind by kind in the order of the needs, with the resources of
// each kind and what they need.
func made(t *testing.T, cloud string) string {
	t.Helper()
	files, err := compositions.Make(compositions.Namespaced)
	require.NoError(t, err)
	var text strings.Builder
	for _, claim := range []string{"network", "cluster", "database"} {
		fmt.Fprintf(&text, "## What a %s is made of\n\n", claim)
		text.WriteString("| kind | resources | what must be allowed |\n|---|---|---|\n")
		parts := map[string][]string{}
		for _, composition := range files[cloud+"-"+claim] {
			if manifest.TextAt(composition, "metadata", "labels", "spokewright.dev/origin") != "adopted" {
				gather(parts, composition)
			}
		}
		for _, need := range Needs(cloud) {
			if names := distinct(parts[need.Group+"/"+need.Kind]); len(names) > 0 {
				fmt.Fprintf(&text, "| %s | %s | %s |\n", need.Kind, strings.Join(names, ", "), strings.Join(short(need), ", "))
			}
		}
		text.WriteString("\n")
	}
	text.WriteString("Where that was read:\n\n| kinds | source | read |\n|---|---|---|\n")
	for _, line := range sources(cloud) {
		text.WriteString(line)
	}
	return text.String()
}

// gather adds the managed resources of a Composition by what they need.
func gather(parts map[string][]string, composition manifest.Object) {
	for _, step := range manifest.MapsAt(composition, "spec", "pipeline") {
		for _, resource := range manifest.MapsAt(step, "input", "resources") {
			id := manifest.Identify(resource["base"].(map[string]any))
			if need, managed := Of(id.Group(), id.Kind); managed {
				key := need.Group + "/" + need.Kind
				parts[key] = append(parts[key], "`"+manifest.TextAt(resource, "name")+"`")
			}
		}
	}
}

// short are what a need allows, without what all of it have in common.
func short(need Need) []string {
	var all []string
	for _, one := range need.Allowed {
		all = append(all, "`"+strings.TrimPrefix(one, need.Service+"/")+"`")
	}
	return all
}

// sources are lines of a table of where the needs of a cloud were read.
func sources(cloud string) []string {
	kinds, order := map[Source][]string{}, []Source{}
	for _, need := range Needs(cloud) {
		if !slices.Contains(order, need.Source) {
			order = append(order, need.Source)
		}
		kinds[need.Source] = append(kinds[need.Source], need.Kind)
	}
	var lines []string
	for _, source := range order {
		lines = append(lines, fmt.Sprintf("| %s | <%s> | %s |\n", strings.Join(kinds[source], ", "), source.Page, source.Read))
	}
	return lines
}
