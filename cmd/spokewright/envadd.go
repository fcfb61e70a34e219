package main

import (
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/lifecycle"
)

func envAddCommand(o *options) *cobra.Command {
	var b lifecycle.Birth
	var set []string
	var lifetime, date string
	command := &cobra.Command{
		Use:   "add NAME --from ENVIRONMENT",
		Short: "Add an environment as an edit of another one",
		Long: `Writes environments/NAME.cue as an edit of the text of another environment's file, its overlays and what it renders to, and
shows what that does to the fleet. Comments and the order of fields stay. What two environments cannot share is written
otherwise, and told: the range of the network, paths and values that name the other one. What is its alone is left out: its
id, what it adopts, waivers, declarations, description, lifetime and the names that are recorded.`,
		Example: `  spokewright env add staging-us --from staging --set cluster.region=us-east-2
  spokewright env add trial --from dev --lifetime 7d --description "the new checkout, for a week"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if date != "" && lifetime == "" {
				return finding.Wrong(finding.CommandLine, "--date: found it without --lifetime, which counts from it")
			}
			s, err := openStageFor(args[0], o, c, date)
			if err != nil {
				return err
			}
			b.Name = args[0]
			if b.Expires, err = lastDay(lifetime, s.now); err != nil {
				return err
			}
			for _, text := range set {
				setting, err := lifecycle.ParseSetting(text)
				if err != nil {
					return err
				}
				b.Set = append(b.Set, setting)
			}
			step, err := lifecycle.Add(s.Checkout, b)
			if err != nil {
				return err
			}
			return s.take(step)
		},
	}
	flags := command.Flags()
	flags.StringVar(&b.From, "from", "", "the `environment` whose spec and overlays it begins with")
	flags.StringArrayVar(&set, "set", nil, "a `FIELD=VALUE` of the new spec, such as cluster.region=us-east-2; may be given more than once")
	flags.StringVar(&b.Class, "class", "", "its class, where it is another one")
	flags.StringVar(&b.Description, "description", "", "a sentence for people")
	flags.StringVar(&lifetime, "lifetime", "", "how long it lives, in days or weeks, such as 7d")
	dateFlag(command, &date, "the day from which --lifetime counts")
	cobra.CheckErr(command.MarkFlagRequired("from"))
	completes(command, "from", o.environments)
	completes(command, "class", o.classes)
	for _, flag := range []string{"set", "description", "lifetime"} {
		completes(command, flag, cobra.NoFileCompletions)
	}
	return command
}

// lastDay is the day after some days or weeks; empty where there are none.
func lastDay(lifetime string, now time.Time) (string, error) {
	if lifetime == "" {
		return "", nil
	}
	match := regexp.MustCompile(`^([1-9][0-9]{0,3})([dw])$`).FindStringSubmatch(lifetime)
	if match == nil {
		return "", finding.Wrong(finding.CommandLine, "--lifetime: found %s, allowed are days or weeks, such as 7d or 2w", finding.Quote(lifetime))
	}
	days, _ := strconv.Atoi(match[1]) // four digits
	if match[2] == "w" {
		days *= 7
	}
	return now.UTC().AddDate(0, 0, days).Format(time.DateOnly), nil
}
