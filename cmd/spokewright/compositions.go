package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rollout"
	"spokewright.dev/spokewright/schema"
)

func compositionsCommand(o *options) *cobra.Command {
	var from string
	command := &cobra.Command{
		Use:   "compositions SET",
		Short: "Keep what makes clusters, networks and databases as a set, which classes name",
		Long: `Writes the compositions that each hub has, with what its overlay patches in them, into overlays/HUB/spoke/compositions-SET.yaml,
and lists that file there. Environments whose class says "compositions: SET" are made by these and by no others, so that a change
of bases/ reaches them when the set is written anew. With --from the set is what another set is.

A set that is there already is replaced: "spokewright diff" shows what that changes, and for which environments.`,
		Example: `  spokewright compositions production
  spokewright compositions production --from staging
  spokewright render && spokewright diff`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return keepCompositions(o, args[0], from, c.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&from, "from", claim.Bases, "the `set` that it is a copy of")
	return command
}

func keepCompositions(o *options, set, from string, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	if set == claim.Bases || set == from || !reader.IsSet(set) {
		return finding.Wrong(finding.CommandLine, "found the set %s, allowed is a name of up to 30 lower-case letters, digits and dashes, a letter first, such as %q, but %q and the one that it is a copy of", finding.Quote(set), "production", claim.Bases)
	}
	fleet, err := reader.Fleet(f.tree)
	if err != nil {
		return err
	}
	var targets []render.Target
	for _, name := range fleet.Names() {
		if fleet.Environments[name].Role == "hub" {
			targets = append(targets, render.Target{Environment: name, Plane: schema.Spoke})
		}
	}
	fleet, rendered, err := renderTargets(f, reader, targets, stderr)
	if err != nil {
		return err
	}
	change, kept := draft.New(f.tree), map[render.Target]int{}
	for _, r := range rendered {
		objects, err := rollout.Keep(r.Objects, from, set)
		if err != nil {
			return err
		}
		kept[r.Target] = len(objects)
		change.Write(path.Join(r.Overlay(), rollout.File(set)), rollout.Text(set, objects))
		if err := list(f.tree, change, r.Target, rollout.File(set)); err != nil {
			return err
		}
	}
	if err := atomicdir.Apply(f.os, change); err != nil {
		return err
	}
	used := 0
	for _, name := range fleet.Names() {
		if fleet.Environments[name].Compositions == set {
			used++
		}
	}
	for _, target := range targets {
		fmt.Fprintf(stderr, "%s: %s, as %s are\n", path.Join(target.Overlay(), rollout.File(set)), finding.Count(kept[target], "object"), origin(from))
	}
	if used == 0 {
		fmt.Fprintf(stderr, "no environment has the set yet: write classes: CLASS: compositions: %q into %s\n", set, schema.FleetFile)
	}
	fmt.Fprintln(stderr, "next: spokewright render, then spokewright diff")
	return nil
}

// origin tells in words what a set is a copy of.
func origin(from string) string {
	if from == claim.Bases {
		return "the hub's own"
	}
	return "those of the set " + from
}

// list adds a file to the resources of an overlay.
func list(tree fs.FS, change *draft.Tree, target render.Target, name string) error {
	file := path.Join(target.Overlay(), "kustomization.yaml")
	text, err := fs.ReadFile(tree, file)
	if errors.Is(err, fs.ErrNotExist) {
		return finding.At(finding.Position{File: target.Overlay()}, finding.Unreadable, "found no kustomization.yaml, and nothing was written: list %s under resources by hand once it has that name", name)
	}
	if err != nil {
		return err
	}
	listed, is := rollout.Listed(text, name)
	if !is {
		return finding.At(finding.Position{File: file}, finding.Unreadable, "found no list of resources in a form that can be added to, and nothing was written: add a line \"resources: [%s]\"", name)
	}
	change.Write(file, listed)
	return nil
}
