package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"spokewright.dev/spokewright/schema"
)

// options are the flags that every verb knows.
type options struct {
	directory string
}

// root is the command with all its verbs.
func root() *cobra.Command {
	o := &options{}
	command := &cobra.Command{
		Use:           "spokewright",
		Short:         "Everything a hub-and-spoke platform needs, from one small file per environment",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
	}
	command.PersistentFlags().StringVarP(&o.directory, "directory", "C", ".", "work in the fleet that holds this `folder`")
	command.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usage{fmt.Errorf("%w\nsee: %s --help", err, c.CommandPath())}
	})
	command.AddCommand(renderCommand(o), checkCommand(o), fnCommand(), versionCommand())
	return command
}

// fleet is the tree of a fleet on disk. Nothing outside its root can be reached through it.
type fleet struct {
	root string
	tree fs.FS
	os   *os.Root
}

// open finds the fleet's root upward from the directory of the options.
func (o *options) open() (*fleet, error) {
	start, err := filepath.Abs(o.directory)
	if err != nil {
		return nil, err
	}
	root, err := findRoot(start)
	if err != nil {
		return nil, err
	}
	opened, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return &fleet{root, opened.FS(), opened}, nil
}

// findRoot is the nearest folder from here upward that holds environments/fleet.cue; where there is none, the nearest
// that holds environments/, so that the missing file can be named.
func findRoot(start string) (string, error) {
	for _, mark := range []string{schema.FleetFile, schema.Folder} {
		for dir := start; ; dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(mark))); err == nil {
				return dir, nil
			} else if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", &usage{fmt.Errorf("no fleet here: neither %s nor a folder above it holds %s", start, schema.FleetFile)}
}

// environments completes the names of environments on a shell's command line.
func (o *options) environments(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	f, err := o.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := schema.List(f.tree)
	return names, cobra.ShellCompDirectiveNoFileComp
}
