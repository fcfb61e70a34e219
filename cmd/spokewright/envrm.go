package main

import (
	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/lifecycle"
	"spokewright.dev/spokewright/schema"
)

func envRemoveCommand(o *options) *cobra.Command {
	var keep, inSync bool
	command := &cobra.Command{
		Use:   "rm ENVIRONMENT",
		Short: "Take an environment down, in two commits",
		Long: `The first time, writes into the environment's file how it ends, and says what to wait for; nothing is deleted yet but what
protects it. The second time, with --in-sync, removes its files: once that is merged, the hub deletes it, apps first and its
namespace last. docs/takedown.md tells each step.

Where the clone knows the main branch, the second step is refused until the first one is there.`,
		Example: `  spokewright env rm trial
  spokewright env rm prod-eu --keep-databases
  spokewright env rm trial --in-sync`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := openStage(o, c, "")
			if err != nil {
				return err
			}
			how := schema.Delete
			if keep {
				how = schema.KeepDatabases
			}
			step, err := lifecycle.Remove(s.Checkout, args[0], how, inSync)
			if err == nil && inSync {
				err = s.merged(o, args[0])
			}
			if err != nil {
				return err
			}
			return s.take(step)
		},
	}
	command.Flags().BoolVar(&keep, "keep-databases", false, "its databases stay, and the network that they are in")
	command.Flags().BoolVar(&inSync, "in-sync", false, "the first step is merged and in sync on the hub: take the second")
	command.MarkFlagsMutuallyExclusive("keep-databases", "in-sync")
	return command
}
