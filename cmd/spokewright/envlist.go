package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/fleetmap"
	"spokewright.dev/spokewright/internal/manifest"
)

func envListCommand(o *options) *cobra.Command {
	var output, date string
	var expired bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List the environments: where they run, what runs there, and until when",
		Long: `Lists every environment of the fleet with its class, cloud, account, region, version of Kubernetes and apps, its last day, and whether
it is alive, over its last day, or being taken down. With --expired it names those whose last day is over and that nobody
takes down yet: a scheduled job can begin with them.`,
		Example: `  spokewright env list
  spokewright env list -o json
  for name in $(spokewright env list --expired); do spokewright env rm "$name"; done`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := openStage(o, c, date)
			if err != nil {
				return err
			}
			rows := fleetmap.List(s.Fleet, s.now)
			if expired {
				rows = slices.DeleteFunc(rows, func(r fleetmap.Row) bool { return r.State != fleetmap.Expired })
			}
			return writeRows(s.stdout, rows, output, expired)
		},
	}
	command.Flags().BoolVar(&expired, "expired", false, "only those whose last day is over, as text their names alone")
	dateFlag(command, &date, "the day on which lifetimes are judged")
	outputFlag(command, &output, "how they are listed", "text", "json", "yaml", "markdown")
	return command
}

func writeRows(out io.Writer, rows []fleetmap.Row, output string, names bool) error {
	switch output {
	case "json", "yaml":
		text, err := json.MarshalIndent(map[string]any{"environments": rows}, "", "  ")
		if err != nil {
			return err
		}
		if output == "yaml" {
			var object map[string]any
			if err := json.Unmarshal(text, &object); err != nil {
				return err
			}
			_, err = out.Write(manifest.Stream([]manifest.Object{object}))
			return err
		}
		_, err = fmt.Fprintf(out, "%s\n", text)
		return err
	case "markdown":
		lines := append([][]string{heads(), slices.Repeat([]string{"---"}, len(heads()))}, cells(rows)...)
		for _, line := range lines {
			if _, err := fmt.Fprintf(out, "| %s |\n", strings.Join(line, " | ")); err != nil {
				return err
			}
		}
		return nil
	}
	if names {
		for _, row := range rows {
			if _, err := fmt.Fprintln(out, row.Name); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range append([][]string{heads()}, cells(rows)...) {
		fmt.Fprintln(table, strings.Join(line, "\t"))
	}
	return table.Flush()
}

func heads() []string {
	return []string{"name", "class", "cloud", "account", "region", "kubernetes", "apps", "expires", "state"}
}

// cells are the rows as texts; a dash stands where there is nothing.
func cells(rows []fleetmap.Row) [][]string {
	var all [][]string
	for _, r := range rows {
		line := []string{r.Name, r.Class, r.Cloud, r.Account, r.Region, r.Kubernetes, strings.Join(r.Apps, ", "), r.Expires, r.State}
		for i := range line {
			line[i] = cmp.Or(line[i], "-")
		}
		all = append(all, line)
	}
	return all
}
