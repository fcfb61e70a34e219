package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/internal/mutability"
	"spokewright.dev/spokewright/internal/rights"
)

func cloudsCommand() *cobra.Command {
	var old bool
	var date string
	command := &cobra.Command{
		Use:   "clouds",
		Short: "Print what is known of the clouds, and where and when it was read",
		Long: `Prints what specs are judged by that no definition says: regions and zones, versions with the last day of their support, the
smallest and largest values that clouds take, what they make of a change, and what an account must allow before the first claim. Each
line has its source and the day on which it was read. With --old it prints what was read more than a year before, which somebody should read again.`,
		Example: `  spokewright clouds
  spokewright clouds --old --date 2027-12-31`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			now, err := moment(date)
			if err != nil {
				return err
			}
			facts := knownFacts()
			if old {
				facts = slices.DeleteFunc(facts, func(f cloud.Fact) bool { return !f.Before(now.AddDate(-1, 0, 0)) })
			}
			return writeFacts(c.OutOrStdout(), facts)
		},
	}
	command.Flags().BoolVar(&old, "old", false, "only what was read more than a year before")
	dateFlag(command, &date, "the day from which --old counts")
	return command
}

// knownFacts are the data about clouds, and the sources of what they make of changes and of what accounts must allow.
func knownFacts() []cloud.Fact {
	facts := cloud.Facts()
	for _, entry := range mutability.Entries() {
		about := fmt.Sprintf("%s change of %s.%s", strings.Join(entry.Clouds, ", "), entry.Kind, entry.Field)
		for _, source := range entry.Sources() {
			facts = append(facts, cloud.Fact{About: about, Says: source.Says, Read: cloud.Read{At: source.At(), On: mutability.ReadOn}})
		}
	}
	return append(facts, rightsOfAccounts()...)
}

func rightsOfAccounts() []cloud.Fact {
	var facts []cloud.Fact
	add := func(about string, allowed []string, source rights.Source) {
		facts = append(facts, cloud.Fact{About: about, Says: strings.Join(allowed, ", "), Read: cloud.Read{At: source.Page, On: source.Read}})
	}
	for _, name := range rights.Clouds() {
		for _, need := range rights.Needs(name) {
			for _, source := range need.Sources {
				add(name+" rights for "+need.Kind, need.Allowed, source)
			}
		}
	}
	for _, role := range rights.GoogleRoles() {
		add("gcp role "+role.Name, role.Holds, role.Source)
	}
	return facts
}

func writeFacts(out io.Writer, facts []cloud.Fact) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, fact := range facts {
		fmt.Fprintf(table, "%s\t%s\t%s (%s)\n", fact.On, fact.About, fact.Says, fact.At)
	}
	return table.Flush()
}
