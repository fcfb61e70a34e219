package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/fleetmap"
)

func mapCommand(o *options) *cobra.Command {
	var output, date, base string
	command := &cobra.Command{
		Use:   "map",
		Short: "Draw the fleet: what runs where, at which version, under which rules, until when",
		Long: `Draws the fleet as its specs tell it: hubs and spokes with their networks and peers, which app runs where and what it follows,
versions, databases and what protects them, rules and waivers, and what ends when. The page opens offline and asks nobody for
anything. With --base it shows which environments a change touches, and how.

Nothing is asked of a cluster or a cloud, so what it shows is what Git says.`,
		Example: `  spokewright map >fleet.html
  spokewright map -o svg >fleet.svg
  spokewright map --base origin/main >change.html`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := openStage(o, c, date)
			if err != nil {
				return err
			}
			drawn := fleetmap.Of(s.Fleet, s.now)
			if base != "" {
				report, name, err := diff{base: base}.report(o)
				if err != nil {
					return err
				}
				drawn.Show(name, report.Levels())
			}
			return writeMap(c.OutOrStdout(), drawn, output)
		},
	}
	revisionFlag(command, &base, "base", "the `revision` since which changes are shown (default none are)")
	dateFlag(command, &date, "the day on which lifetimes and waivers are judged")
	outputFlag(command, &output, "how it is drawn", "html", "svg", "mermaid", "json")
	return command
}

func writeMap(out io.Writer, drawn *fleetmap.Map, output string) error {
	switch output {
	case "svg":
		return fleetmap.SVG(out, drawn)
	case "mermaid":
		return fleetmap.Mermaid(out, drawn)
	case "json":
		text, err := json.MarshalIndent(drawn, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s\n", text)
		return err
	}
	return fleetmap.HTML(out, drawn)
}
