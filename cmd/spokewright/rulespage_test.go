package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/schema"
)

// The page about rules lists those that come with the classes, as they are.
func TestRulesPageListsTheRules(t *testing.T) {
	const page, head = "../../docs/rules.md", "| rule | judges | in | reason |\n|---|---|---|---|\n"
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), head)
	require.True(t, found, "%s has no table of rules", page)
	_, after, found := strings.Cut(rest, "\n\n")
	require.True(t, found)
	requirePinned(t, page, []byte(before+head+strings.Join(ruleRows(t), "\n")+"\n\n"+strings.TrimLeft(after, "\n")))
}

// ruleRows are the rows of the table, by name.
func ruleRows(t *testing.T) []string {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.FleetConfig("fleet.cue", []byte(`name: "trial", owner: "platform", repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}`))
	require.NoError(t, err)
	rules, classes := map[string]schema.Rule{}, map[string][]string{}
	for _, class := range slices.Sorted(maps.Keys(fleet.Classes)) {
		for name, rule := range fleet.Classes[class].Rules {
			rules[name], classes[name] = rule, append(classes[name], class)
		}
	}
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		in := strings.Join(classes[name], ", ")
		if len(classes[name]) == len(fleet.Classes) {
			in = "all classes"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |", name, strings.Join(rules[name].Kinds, ", "), in, rules[name].Message))
	}
	return rows
}
