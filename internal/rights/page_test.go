package rights

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// docs/account-aws.md, docs/account-azure.md and docs/account-gcp.md are the walks; what is made stands between two marks in each,
// and SPOKEWRIGHT_UPDATE=1 writes that anew.
func walksEndWithWhatIsComposed(t *testing.T, all []part) {
	for _, cloud := range Clouds() {
		file := "../../docs/account-" + cloud + ".md"
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		before, rest, begins := strings.Cut(string(text), "<!-- made -->\n")
		old, after, ends := strings.Cut(rest, "<!-- end of made -->\n")
		require.True(t, begins && ends, file)
		want := made(cloud, all)
		if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
			require.NoError(t, os.WriteFile(file, []byte(before+"<!-- made -->\n"+want+"<!-- end of made -->\n"+after), 0o644))
			continue
		}
		assert.Equal(t, want, old, "make golden writes it into %s", file)
		for name := range Files() {
			if strings.HasPrefix(name, cloud+"-") && !strings.HasPrefix(name, "aws-") { // a function of the shell names those
				assert.Contains(t, before, "docs/accounts/"+name, "%s has no step with it", file)
			}
		}
		assert.Contains(t, before, "crossplane-system:spokewright-"+cloud, "the account that providers run as")
		assert.Contains(t, before, "external-secrets:spokewright-secrets", "the account that stores credentials")
		assert.Contains(t, before, "spokewright-argocd", "who Argo CD is")
	}
}

// made is what a first environment is made of, claim by claim and kind by kind in the order of the needs, with the resources of
// each kind and what they need.
func made(cloud string, all []part) string {
	var text strings.Builder
	for _, claim := range claims() {
		if claim == "peering" && cloud == "gcp" { // there is none
			continue
		}
		fmt.Fprintf(&text, "## What a %s is made of\n\n", strings.Replace(claim, "nodepool", "pool of nodes", 1))
		text.WriteString("| kind | resources | what must be allowed |\n|---|---|---|\n")
		for _, need := range Needs(cloud) {
			var names []string
			for _, part := range all {
				if of, _ := Of(part.id.Group(), part.id.Kind); part.file == cloud+"-"+claim && part.created && of.Group == need.Group && of.Kind == need.Kind {
					names = append(names, "`"+part.name+"`")
				}
			}
			if names = distinct(names); len(names) > 0 {
				fmt.Fprintf(&text, "| %s | %s | %s |\n", need.Kind, strings.Join(names, ", "), strings.Join(short(need), ", "))
			}
		}
		text.WriteString("\n")
	}
	if cloud == "gcp" {
		text.WriteString("## What each role is for\n\n| role | what of it is needed | read |\n|---|---|---|\n")
		for _, role := range GoogleRoles() {
			fmt.Fprintf(&text, "| `%s` | %s | <%s>, %s |\n", role.Name, "`"+strings.Join(role.Holds, "`, `")+"`", role.Source.Page, role.Source.Read)
		}
		text.WriteString("\n")
	}
	text.WriteString("Where that was read:\n\n| source | kinds | read |\n|---|---|---|\n" + sources(cloud))
	return text.String()
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
func sources(cloud string) string {
	kinds, order := map[Source][]string{}, []Source{}
	for _, need := range Needs(cloud) {
		for _, source := range need.Sources {
			if !slices.Contains(order, source) {
				order = append(order, source)
			}
			kinds[source] = append(kinds[source], need.Kind)
		}
	}
	var lines strings.Builder
	for _, source := range order {
		fmt.Fprintf(&lines, "| <%s> | %s | %s |\n", source.Page, strings.Join(kinds[source], ", "), source.Read)
	}
	return lines.String()
}
