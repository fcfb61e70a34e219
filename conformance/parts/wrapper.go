package parts

import (
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"
)

// wrapper writes the go.mod of a module that requires the part and repeats what `go install PACKAGE@VERSION` would
// refuse: the replaces of the upstream go.mod. Its go and godebug lines are repeated too: they choose how the Go runtime
// behaves in the program.
func wrapper(part Part, upstream *modfile.File) ([]byte, error) {
	file := new(modfile.File)
	declared := upstream.Module.Mod.Path
	err := first(
		file.AddModuleStmt("wrapper"),
		file.AddRequire(declared, part.Version),
	)
	if upstream.Go != nil {
		err = first(err, file.AddGoStmt(upstream.Go.Version))
	}
	for _, line := range upstream.Godebug {
		err = first(err, file.AddGodebug(line.Key, line.Value))
	}
	if declared != part.Module { // a module that moved still declares its old path
		err = first(err, file.AddReplace(declared, "", part.Module, part.Version))
	}
	for _, replace := range upstream.Replace {
		err = first(err, repeat(file, part, replace))
	}
	for _, text := range part.Replace {
		err = first(err, add(file, text))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", part.Name, err)
	}
	return file.Format()
}

// repeat adds one replace of the upstream go.mod, or what stands for it where it points into the upstream repository,
// whose folders the module's zip does not hold.
func repeat(file *modfile.File, part Part, replace *modfile.Replace) error {
	was, now := replace.Old, replace.New
	if modfile.IsDirectoryPath(now.Path) {
		switch part.Local {
		case "":
			return fmt.Errorf("%s@%s replaces %s by its own folder %s: its Local must say what to do", part.Module, part.Version, was.Path, now.Path)
		case Drop:
			return nil
		default:
			now.Path, now.Version = was.Path, part.Local
		}
	}
	return file.AddReplace(was.Path, was.Version, now.Path, now.Version)
}

// add adds a replace written as OLD=NEW@VERSION.
func add(file *modfile.File, text string) error {
	was, now, found := strings.Cut(text, "=")
	path, version, versioned := strings.Cut(now, "@")
	if !found || !versioned {
		return fmt.Errorf("replace %q is not of the form OLD=NEW@VERSION", text)
	}
	return file.AddReplace(was, "", path, version)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
