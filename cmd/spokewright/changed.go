package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// changedFlags gives a verb that takes environments the flag --changed: then it takes files that a change touches instead,
// as pre-commit names them, and looks only at what they can affect.
func changedFlags(o *options, command *cobra.Command) *cobra.Command {
	command.Flags().BoolVar(&o.changed, "changed", false,
		"the arguments are `files` that changed: look only at the environments that they can affect")
	command.Long += `

With --changed the arguments are files, as pre-commit gives them: environments/NAME.cue is looked at with every hub,
overlays/NAME/ and golden/NAME/ alone. Any other file, and any folder that no environment owns, means everything.`
	run := command.RunE
	command.RunE = func(c *cobra.Command, args []string) error {
		if !o.changed {
			return run(c, args)
		}
		names, whole, err := o.affectedBy(args)
		switch {
		case err != nil:
			return err
		case whole:
			return run(c, nil)
		case len(names) == 0:
			fmt.Fprintln(c.ErrOrStderr(), "no file changed: nothing to do")
			return nil
		}
		return run(c, names)
	}
	return command
}

// stop is the error of a render before a commit that wrote something: the commit does not hold it yet. pre-commit itself
// notices changed files, but no new ones.
func (o *options) stop(report atomicdir.Written) error {
	if o.changed && report.Changed+report.Removed > 0 {
		return errReported()
	}
	return nil
}

// affectedBy reads the fleet as far as it takes to say what the files affect. They are relative to the working folder.
func (o *options) affectedBy(files []string) (names []string, whole bool, err error) {
	f, err := o.open()
	if err != nil {
		return nil, false, err
	}
	inside := make([]string, len(files))
	for i, file := range files {
		if inside[i], err = f.within(file); err != nil {
			return nil, false, err
		}
	}
	known, err := schema.List(f.tree)
	if err != nil {
		return nil, false, err
	}
	if tidy, err := render.Tidy(f.tree, known); err != nil || !tidy {
		return nil, true, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, false, err
	}
	fleet, err := reader.Fleet(f.tree)
	if err != nil { // the verb tells it better
		return nil, true, nil //nolint:nilerr // see above
	}
	var hubs []string
	for _, name := range slices.Sorted(maps.Keys(fleet.Environments)) {
		if fleet.Environments[name].Role == "hub" {
			hubs = append(hubs, name)
		}
	}
	names, whole = render.Affected(inside, known, hubs)
	return joining(fleet, inside, names), whole, nil
}

// joining are some environments, and those whose networks join that of a hub of which a file changed: it says what that is.
func joining(fleet *schema.Fleet, files, names []string) []string {
	for _, name := range fleet.Names() {
		hub := fleet.Environments[name].Hub
		if e := fleet.Environments[name]; e.JoinsHub() && (slices.Contains(files, schema.SpecFile(hub)) || slices.Contains(files, schema.NamesFile(hub))) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// within is a file's path in the fleet's tree, with slashes; it begins with ".." where the file is outside.
func (f *tree) within(file string) (string, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	// The root may have been reached over a link, and Git names files by the real folder.
	if real, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil {
		file = filepath.Join(real, filepath.Base(file))
	}
	root, err := filepath.EvalSymlinks(f.root)
	if err != nil {
		return "", err
	}
	inside, err := filepath.Rel(root, file)
	return filepath.ToSlash(inside), err
}
