package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/schema"
)

// checkManifests judges manifests by the rules of a class, wherever they lie.
func checkManifests(o *options, class string, args []string, output string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return &inputError{errors.New("--class: found no manifests, allowed are files and folders of them: spokewright check --class production manifests/")}
	}
	e, err := classAlone(o, class)
	if err != nil {
		return err
	}
	files, err := manifestFiles(args)
	if err != nil {
		return err
	}
	var found []check.Finding
	judged := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return &inputError{err}
		}
		findings, n, err := check.Manifests(e, filepath.ToSlash(file), text)
		if err != nil {
			return &inputError{err}
		}
		found, judged = append(found, findings...), judged+n
	}
	if judged == 0 {
		return &inputError{fmt.Errorf("no rule of class %s is about an object in %s: nothing was judged", class, strings.Join(args, ", "))}
	}
	if err := verdict(found, output, stdout, stderr); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "judged %s in %s by the %s of class %s\n", finding.Count(judged, "object"), finding.Count(len(files), "file"), finding.Count(len(e.Class.Rules), "rule"), class)
	return nil
}

// classAlone is an environment of a class with nothing in it.
func classAlone(o *options, class string) (schema.Environment, error) {
	f, err := o.open()
	if err != nil {
		return schema.Environment{}, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return schema.Environment{}, err
	}
	fleet, err := reader.FleetConfigOf(f.tree)
	if err != nil {
		return schema.Environment{}, err
	}
	known, ok := fleet.Classes[class]
	if !ok {
		names := slices.Sorted(maps.Keys(fleet.Classes))
		return schema.Environment{}, &inputError{fmt.Errorf("--class: found %q, allowed is one of %s%s", class, strings.Join(names, ", "), cuefile.DidYouMean(class, names))}
	}
	return schema.Environment{Class: known, Fleet: fleet}, nil
}

// manifestFiles are the files that are named, and all manifests in the folders that are.
func manifestFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		known := len(files)
		err := filepath.WalkDir(arg, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			switch isManifest := slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)); {
			case file == arg || isManifest && entry.Type()&fs.ModeSymlink == 0:
				files = append(files, file)
			case isManifest: // nobody named what it leads to
				return finding.Findings{limitfs.Linked(filepath.ToSlash(file))}
			}
			return nil
		})
		if err != nil {
			return nil, &inputError{err}
		}
		if len(files) == known {
			return nil, &inputError{fmt.Errorf("%s: found no manifests in it, allowed are .yaml, .yml and .json files", arg)}
		}
	}
	return files, nil
}
