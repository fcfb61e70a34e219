package main

import (
	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/lifecycle"
)

func envRenameCommand(o *options) *cobra.Command {
	var inSync bool
	command := &cobra.Command{
		Use:   "rename ENVIRONMENT NAME",
		Short: "Give an environment another name, in two commits",
		Long: `The first time, releases the environment: nothing in the cloud is deleted with its objects on the hub. The second time, with
--in-sync, moves its files to the new name, which takes everything over: the id stays, so that nothing is made anew. The names
that the cloud made up must be recorded (spokewright names).

Where the clone knows the main branch, the second step is refused until the first one is there.`,
		Example: `  spokewright env rename prod-eu prod-west
  spokewright env rename prod-eu prod-west --in-sync`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := openStage(o, c, "")
			if err != nil {
				return err
			}
			step, err := lifecycle.Rename(s.Checkout, args[0], args[1], inSync)
			if err == nil && inSync {
				err = s.merged(o, args[0])
			}
			if err != nil {
				return err
			}
			return s.take(step)
		},
	}
	command.Flags().BoolVar(&inSync, "in-sync", false, "the first step is merged and in sync on the hub: take the second")
	return command
}
