package main

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/likeness"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

func envCompareCommand(o *options) *cobra.Command {
	var output string
	var allow []string
	var all bool
	command := &cobra.Command{
		Use:   "compare ENVIRONMENT OTHER",
		Short: "Tell how two environments differ that should be alike",
		Long: `Compares what the specs of two environments come to, with every default, and what their overlays make beside it. What must
differ is no difference: names, ids, ranges of networks and all that follows from them. A path in both that leads to what
belongs to one of them is one.

What --allow names is expected: a field, or an object and a field, with * for a part of a name and everything below it. Exit
codes: 0 nothing else differs, 3 something does.`,
		Example: `  spokewright env compare staging prod-eu --allow class --allow cluster.nodes --allow 'apps.*.values.replicas'
  spokewright env compare staging prod-eu --allow 'hub/AppProject/*'
  spokewright env compare --all`,
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			if all && len(args) > 0 || !all && len(args) != 2 {
				return misused(c, fmt.Errorf("found %s, allowed are two, or --all", finding.Count(len(args), "environment")))
			}
			s, err := openStage(o, c, "")
			if err != nil {
				return err
			}
			if all {
				args = s.Fleet.Names()
			}
			allowed, err := patterns(allow)
			if err != nil {
				return err
			}
			sides, err := s.sides(args)
			if err != nil {
				return err
			}
			compared, err := comparisons(sides, allowed)
			if err != nil {
				return err
			}
			if err := (finding.Text{}).Write(s.stderr, idle(compared, allow, allowed)); err != nil {
				return err
			}
			if slices.ContainsFunc(compared, func(c comparison) bool { return c.unexpected() > 0 }) {
				o.outcome = change.ExitChanged
			}
			return writeComparisons(s.stdout, compared, args, all, output)
		},
	}
	command.Flags().StringArrayVar(&allow, "allow", nil, "a `PATTERN` of fields that may differ; may be given more than once")
	command.Flags().BoolVar(&all, "all", false, "compare all environments with each other, and count")
	outputFlag(command, &output, "how differences are told", "text", "json")
	completes(command, "allow", cobra.NoFileCompletions)
	return command
}

// sides are environments with what is rendered of them.
func (s *stage) sides(names []string) ([]likeness.Side, error) {
	for _, name := range names {
		if _, known := s.Fleet.Environments[name]; !known {
			return nil, schema.NoEnvironment(name, s.Fleet.Names())
		}
	}
	fleet, rendered, err := renderTargets(s.tree, s.Reader, render.Targets(names), s.stderr)
	if err != nil {
		return nil, err
	}
	sides := make([]likeness.Side, len(names))
	for i, name := range names {
		sides[i] = likeness.Side{Environment: fleet.Environments[name], Rendered: map[schema.Plane][]manifest.Object{}}
		for _, r := range rendered {
			if r.Environment == name {
				sides[i].Rendered[r.Plane] = r.Objects
			}
		}
	}
	return sides, nil
}

// comparison is how two environments differ.
type comparison struct {
	First       string   `json:"first"`
	Second      string   `json:"second"`
	Differences []differ `json:"differences"`
}

type differ struct {
	likeness.Difference
	Allowed bool `json:"allowed"`
}

func (c comparison) unexpected() int {
	n := 0
	for _, d := range c.Differences {
		if !d.Allowed {
			n++
		}
	}
	return n
}

// comparisons compare each with all behind it.
func comparisons(sides []likeness.Side, allowed []*regexp.Regexp) ([]comparison, error) {
	all := []comparison{}
	for i, first := range sides {
		for _, second := range sides[i+1:] {
			found, err := likeness.Compare(first, second)
			if err != nil {
				return nil, err
			}
			c := comparison{first.Name, second.Name, []differ{}}
			for _, d := range found {
				expected := slices.ContainsFunc(allowed, func(p *regexp.Regexp) bool { return p.MatchString(label(d)) })
				c.Differences = append(c.Differences, differ{d, expected})
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// label is where a difference is, as --allow names it.
func label(d likeness.Difference) string {
	switch {
	case d.Object == "":
		return d.Field
	case d.Field == "":
		return d.Object
	}
	return d.Object + ": " + d.Field
}

// patterns are those of the command line: what one names, and everything below it.
func patterns(texts []string) ([]*regexp.Regexp, error) {
	var all []*regexp.Regexp
	for _, text := range texts {
		if strings.Trim(text, " *.") == "" {
			return nil, finding.Wrong(finding.CommandLine, "--allow: found %s, allowed is a field such as cluster.region or apps.*.values", finding.Quote(text))
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, `[^.:]*`)
		all = append(all, regexp.MustCompile(`^`+quoted+`($|[.:\[/])`))
	}
	return all, nil
}

// idle warns of patterns that no difference has: a slip lets nothing differ.
func idle(compared []comparison, texts []string, allowed []*regexp.Regexp) finding.Findings {
	var labels []string
	for _, c := range compared {
		for _, d := range c.Differences {
			labels = append(labels, label(d.Difference))
		}
	}
	var found finding.Findings
	for i, p := range allowed {
		if !slices.ContainsFunc(labels, p.MatchString) {
			found = append(found, finding.Finding{Severity: finding.Warning, Code: finding.CommandLine, Message: "--allow: found " + finding.Quote(texts[i]) + ", and nothing there differs",
				Suggestion: finding.Suggest(texts[i], labels)})
		}
	}
	return found
}

func writeComparisons(out io.Writer, compared []comparison, names []string, all bool, output string) error {
	switch {
	case output == "json":
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false) // <env> is to be read
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"schemaVersion": "1", "comparisons": compared})
	case all:
		return writeMatrix(out, compared, names)
	}
	return writeComparison(out, compared[0])
}

// writeComparison tells what nobody expected first.
func writeComparison(out io.Writer, c comparison) error {
	expected := len(c.Differences) - c.unexpected()
	fmt.Fprintf(out, "%s and %s: %s", c.First, c.Second, finding.Count(c.unexpected(), "difference"))
	if expected > 0 {
		fmt.Fprintf(out, ", and %d allowed", expected)
	}
	fmt.Fprintln(out)
	for _, d := range c.Differences {
		if !d.Allowed {
			fmt.Fprintf(out, "  %s: %s | %s\n", label(d.Difference), shown(d.First), shown(d.Second))
		}
	}
	return nil
}

// shown is a value on a line.
func shown(value any) string {
	if value == nil {
		return "-"
	}
	return finding.Show(value)
}

// writeMatrix counts what nobody expected, of each environment and all behind it.
func writeMatrix(out io.Writer, compared []comparison, names []string) error {
	counts := map[[2]string]int{}
	for _, c := range compared {
		counts[[2]string{c.First, c.Second}], counts[[2]string{c.Second, c.First}] = c.unexpected(), c.unexpected()
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(append([]string{""}, names...), "\t"))
	for _, row := range names {
		line := []string{row}
		for _, column := range names {
			cell := "-"
			if row != column {
				cell = fmt.Sprint(counts[[2]string{row, column}])
			}
			line = append(line, cell)
		}
		fmt.Fprintln(table, strings.Join(line, "\t"))
	}
	return table.Flush()
}
