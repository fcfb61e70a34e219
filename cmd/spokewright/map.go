package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/fleetmap"
	"spokewright.dev/spokewright/internal/review"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/snapshot"
	"spokewright.dev/spokewright/internal/watchdog"
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
			if c.Flags().Changed("base") {
				if err := showChange(o, base, drawn); err != nil {
					return err
				}
			}
			return writeMap(c.OutOrStdout(), drawn, output)
		},
	}
	command.Flags().StringVar(&base, "base", "", "the `revision` since which changes are shown (default none are)")
	dateFlag(command, &date, "the day on which lifetimes and waivers are judged")
	outputFlag(command, &output, "how it is drawn", "html", "svg", "mermaid", "json")
	completes(command, "base", cobra.NoFileCompletions)
	return command
}

// showChange tells on a map what became of each environment since a revision.
func showChange(o *options, base string, drawn *fleetmap.Map) error {
	repository, err := revision.Open(o.directory)
	if err != nil {
		return err
	}
	defer repository.Close()
	var names [2]string
	pair, err := watchdog.Watched(renderLimits(), func() (p *snapshot.Pair, err error) {
		p, names, err = diff{base: base}.take(o, repository)
		return p, err
	})
	if err != nil {
		return err
	}
	report := review.New(change.Compare(pair.Base, pair.Head), review.About{Base: names[0], Head: names[1], Environments: pair.Environments, Before: pair.Base, After: pair.Head})
	drawn.Show(names[0], report.Levels())
	return nil
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
