package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/bootstrap"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

func bootstrapCommand(o *options) *cobra.Command {
	var backend string
	var settings []string
	command := &cobra.Command{
		Use:   "bootstrap HUB",
		Short: "Write what makes a hub where there is none, for Terragrunt and OpenTofu",
		Long: `Writes the folder bootstrap/HUB of the fleet: with it, "terragrunt apply" makes the network, the cluster and its nodes, installs
Argo CD as bases/hub has it, and the one Application that brings all the rest from Git. The environment of role "hub" says where,
as a spoke's does: cluster: cloud, account, region and network. The same command with another environment makes a copy of a
hub, for a test or once one is lost.

Prints the address of everything that is made. Where OpenTofu keeps its state is asked for and never guessed: --backend s3 needs
--state bucket, key and region; gcs bucket and prefix; azurerm resource_group_name, storage_account_name, container_name and key;
local path. What an earlier run wrote is replaced. docs/bootstrap.md tells each step.`,
		Example: `  spokewright bootstrap hub --backend s3 --state bucket=example-state --state key=hub --state region=eu-west-1
  spokewright bootstrap hub --backend gcs --state bucket=example-state --state prefix=hub`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			state, err := bootstrap.ParseState(backend, settings)
			if err != nil {
				return err
			}
			return writeBootstrap(o, args[0], state, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&backend, "backend", "", "where the state is kept: "+finding.OneOf(finding.Quoted(slices.Sorted(maps.Keys(bootstrap.Needed())))))
	command.Flags().StringArrayVar(&settings, "state", nil, "a setting of that place, as `NAME=VALUE`; more than once")
	completes(command, "backend", cobra.FixedCompletions(slices.Sorted(maps.Keys(bootstrap.Needed())), cobra.ShellCompDirectiveNoFileComp))
	completes(command, "state", cobra.NoFileCompletions)
	return command
}

func writeBootstrap(o *options, name string, state bootstrap.State, stdout, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	targets, err := chosen(f, []string{name})
	if err != nil {
		return err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	fleet, rendered, err := renderTargets(f, reader, targets, stderr)
	if err != nil {
		return err
	}
	hub := bootstrap.Hub{Environment: fleet.Environments[name]}
	for _, r := range rendered {
		if r.Plane == schema.Hub {
			hub.Start = r.Root
		} else {
			hub.Plane = r.Objects
		}
	}
	root, err := bootstrap.Write(hub, state)
	if err != nil {
		return err
	}
	change := draft.New(f.tree)
	folder := path.Join(bootstrap.Folder, name)
	for _, file := range slices.Sorted(maps.Keys(root.Files)) {
		change.Write(path.Join(folder, file), root.Files[file])
	}
	if err := atomicdir.Apply(f.os, change); err != nil {
		return err
	}
	for _, address := range root.Resources {
		fmt.Fprintln(stdout, address)
	}
	fmt.Fprintf(stderr, "wrote %s into %s, which make %s: terragrunt apply there, once golden/%s is pushed\n",
		finding.Count(len(root.Files), "file"), folder, finding.Count(len(root.Resources), "thing"), path.Join(name, render.RootFile))
	return nil
}
