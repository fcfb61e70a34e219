package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/recording"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/schema"
)

func namesCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "names [ENVIRONMENT...]",
		Short: "Record what the cloud calls the parts of environments, from the hub's objects",
		Long: `Reads objects of a hub from stdin, YAML or JSON, and writes what the cloud calls the parts of each environment, or of
those named, to environments/NAME.names.cue. Only names that a cloud makes up are kept: by these another hub, or the same
environment under another name, finds everything again and makes nothing. What the objects do not tell stays as it was
recorded.`,
		Example: `  kubectl get managed --all-namespaces -o yaml | spokewright names
  kubectl get managed --all-namespaces -o json | spokewright names prod-eu prod-us`,
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			return recordNames(o, args, c.InOrStdin(), c.ErrOrStderr())
		},
	}
}

// The most that is read of a hub's objects: those of some thousand environments.
const maxPrinted = 1 << 30

func recordNames(o *options, args []string, stdin io.Reader, stderr io.Writer) error {
	if terminal.Is(stdin) {
		return finding.Wrong(finding.CommandLine, "stdin: found a terminal, allowed are objects of a hub: %s | spokewright names", printManaged)
	}
	f, err := o.open()
	if err != nil {
		return err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	fleet, err := reader.Fleet(f.tree)
	if err != nil {
		return err
	}
	for _, name := range args {
		if _, known := fleet.Environments[name]; !known {
			return schema.NoEnvironment(name, fleet.Names())
		}
	}
	printed, err := io.ReadAll(io.LimitReader(stdin, maxPrinted+1))
	if err != nil {
		return err
	}
	if len(printed) > maxPrinted {
		return finding.Wrong(finding.TooLarge, "stdin: found more than %d bytes, which is the most that is read", maxPrinted)
	}
	objects, err := recording.Read(printed)
	if err != nil {
		return finding.Wrong(finding.Unreadable, "stdin: %v", err)
	}
	found := recording.Names(fleet, objects)
	names, err := recordable(args, found, len(objects))
	if err != nil {
		return err
	}
	return writeNames(f, fleet, names, found, stderr)
}

const printManaged = "kubectl get managed --all-namespaces -o yaml"

// recordable are the environments whose names are written: those that are asked for, or all that were found.
func recordable(args []string, found map[string]schema.Names, objects int) ([]string, error) {
	var without []string
	for _, name := range args {
		if _, has := found[name]; !has {
			without = append(without, name)
		}
	}
	switch {
	case len(found) == 0:
		return nil, finding.Wrong(finding.Unreadable, "stdin: found %s, and no name of a cloud for a part of this fleet's environments: %s prints what has names, once kubectl api-resources has seen the providers' kinds", finding.Count(objects, "object"), printManaged)
	case len(without) > 0:
		return nil, finding.Wrong(finding.UnknownName, "stdin: found no name of a cloud for a part of %s: nothing was written", strings.Join(without, ", "))
	case len(args) > 0:
		return slices.Compact(slices.Sorted(slices.Values(args))), nil
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// writeNames writes the files once all of them can be written.
func writeNames(f *tree, fleet *schema.Fleet, names []string, found map[string]schema.Names, stderr io.Writer) error {
	files := map[string][]byte{}
	for _, name := range names {
		if fleet.Environments[name].Names.Environment != "" {
			if _, err := f.os.Stat(schema.NamesFile(name)); err != nil {
				return finding.At(finding.Position{File: schema.SpecFile(name)}, finding.Conflict, "the environment's own file has names, allowed is %s: move them there", schema.NamesFile(name))
			}
		}
		text, err := recording.Merge(fleet.Environments[name].Names, found[name]).CUE(schema.NamesFile(name))
		if err != nil {
			return err
		}
		files[name] = text
	}
	for _, name := range names {
		changed, err := atomicdir.WriteFile(f.os, schema.NamesFile(name), files[name])
		if err != nil {
			return err
		}
		e := fleet.Environments[name]
		e.Names = recording.Merge(e.Names, found[name])
		fmt.Fprintf(stderr, "%s: %s%s%s\n", schema.NamesFile(name), finding.Count(namesIn(e.Names), "name"), map[bool]string{false: ", as before"}[changed], stillMissing(e))
	}
	return nil
}

func namesIn(n schema.Names) int {
	total := len(n.Network) + len(n.Cluster)
	for _, parts := range n.Databases {
		total += len(parts)
	}
	return total
}

// stillMissing says which parts have no name yet.
func stillMissing(e schema.Environment) string {
	missing := e.Unrecorded()
	if len(missing) == 0 {
		return ""
	}
	fields := make([]string, len(missing))
	for i, part := range missing {
		fields[i] = string(part.Path())
	}
	return fmt.Sprintf("; %d more are not known to the hub yet: %s", len(missing), strings.Join(fields, ", "))
}
