package main

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/bootstrap"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

func bootstrapCommand(o *options) *cobra.Command {
	var backend, local string
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
local path. What an earlier run wrote is replaced. docs/bootstrap.md tells each step.

With --local nothing of a cloud is asked for: bootstrap/HUB/local makes the same hub in containers, for a first look.`,
		Example: `  spokewright bootstrap hub --backend s3 --state bucket=example-state --state key=hub --state region=eu-west-1
  spokewright bootstrap hub --local kind
  spokewright bootstrap hub --backend gcs --state bucket=example-state --state prefix=hub`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			if local != "" {
				if backend != "" || len(settings) > 0 {
					return finding.Wrong(finding.CommandLine, "--local: found --backend or --state too: a hub in containers has no state")
				}
				return writeLocal(o, args[0], local, c.OutOrStdout(), c.ErrOrStderr())
			}
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
	command.Flags().StringVar(&local, "local", "", "make it in containers, by `PROGRAM`: "+finding.OneOf(finding.Quoted(bootstrap.Locals())))
	completes(command, "state", cobra.NoFileCompletions)
	completes(command, "local", cobra.FixedCompletions(bootstrap.Locals(), cobra.ShellCompDirectiveNoFileComp))
	return command
}

func writeBootstrap(o *options, name string, state bootstrap.State, stdout, stderr io.Writer) error {
	f, hub, err := hubOf(o, name, stderr)
	if err != nil {
		return err
	}
	root, err := bootstrap.Write(hub, state)
	if err != nil {
		return err
	}
	folder := path.Join(bootstrap.Folder, name)
	if err := layInto(f, folder, root.Files, nil); err != nil {
		return err
	}
	for _, address := range root.Resources {
		fmt.Fprintln(stdout, address)
	}
	fmt.Fprintf(stderr, "wrote %s into %s, which make %s: terragrunt apply there, once golden/%s is pushed\n",
		finding.Count(len(root.Files), "file"), folder, finding.Count(len(root.Resources), "thing"), path.Join(name, render.RootFile))
	return nil
}

// writeLocal writes what makes a hub in containers, and prints the files.
func writeLocal(o *options, name, with string, stdout, stderr io.Writer) error {
	f, hub, err := hubOf(o, name, stderr)
	if err != nil {
		return err
	}
	files, err := bootstrap.Local(hub, with)
	if err != nil {
		return err
	}
	folder := path.Join(bootstrap.Folder, name, "local")
	if err := layInto(f, folder, files, bootstrap.LocalFiles()); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintln(stdout, path.Join(folder, file))
	}
	fmt.Fprintf(stderr, "wrote %s into %s: sh %s/make.sh, once golden/%s is pushed\n", finding.Count(len(files), "file"), folder, folder, path.Join(name, render.RootFile))
	return nil
}

// hubOf is a hub with its planes.
func hubOf(o *options, name string, stderr io.Writer) (f *tree, hub bootstrap.Hub, err error) {
	if f, err = o.open(); err != nil {
		return f, hub, err
	}
	targets, err := chosen(f, []string{name})
	if err != nil {
		return f, hub, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return f, hub, err
	}
	fleet, rendered, err := renderTargets(f, reader, targets, stderr)
	if err != nil {
		return f, hub, err
	}
	hub.Environment = fleet.Environments[name]
	if err := check.HubNetwork(fleet, fleet.Names(), hub.Environment).Err(); err != nil {
		return f, hub, err
	}
	for _, r := range rendered {
		if r.Plane == schema.Hub {
			hub.Start = r.Root
		} else {
			hub.Plane = r.Objects
		}
	}
	return f, hub, nil
}

// layInto writes files into a folder of the fleet, and takes away those of an earlier run that are none of them.
func layInto(f *tree, folder string, files map[string][]byte, earlier []string) error {
	change := draft.New(f.tree)
	for _, name := range earlier {
		if _, err := fs.Stat(f.tree, path.Join(folder, name)); err == nil && files[name] == nil {
			change.Remove(path.Join(folder, name))
		}
	}
	for name, text := range files {
		change.Write(path.Join(folder, name), text)
	}
	return atomicdir.Apply(f.os, change)
}
