package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

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
		return errReported
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
	if tidy, err := tidy(f.tree, known); err != nil || !tidy {
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
	names, whole = affected(inside, known, hubs)
	return names, whole, nil
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

// tidy says whether overlays/ and golden/ have a folder for each environment and no other. pre-commit does not name
// files that a change removes, so where this is not so anything may have been.
func tidy(tree fs.FS, names []string) (bool, error) {
	for _, folder := range []string{render.Overlays, render.Golden} {
		entries, err := fs.ReadDir(tree, folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		var folders []string
		for _, entry := range entries {
			if entry.IsDir() {
				folders = append(folders, entry.Name())
			}
		}
		if !slices.Equal(slices.Sorted(slices.Values(names)), folders) {
			return false, nil
		}
	}
	return true, nil
}

// affected are the environments that a change of files can affect, sorted; whole is true where it can be all of them.
// files are relative to the fleet's root. An environment's own file affects every hub too, which lists them all.
func affected(files, names, hubs []string) (chosen []string, whole bool) {
	found := map[string]bool{}
	for _, file := range files {
		name, listed, sure := owner(path.Clean(file))
		if !sure || !slices.Contains(names, name) {
			return nil, true
		}
		found[name] = true
		if listed {
			for _, hub := range hubs {
				found[hub] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), false
}

// owner is the environment that a file belongs to, and whether the hubs read the file as well.
func owner(file string) (name string, listed, sure bool) {
	folder, rest, _ := strings.Cut(file, "/")
	switch folder {
	case schema.Folder:
		name, sure = strings.CutSuffix(rest, ".cue")
		return name, true, sure && file != schema.FleetFile && !strings.Contains(name, "/")
	case render.Overlays, render.Golden:
		name, _, sure = strings.Cut(rest, "/")
		return name, false, sure
	}
	return "", false, false
}
