package applicationset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

type gitGenerator struct {
	RepoURL         string            `json:"repoURL"`
	Revision        string            `json:"revision"`
	Directories     []gitPattern      `json:"directories"`
	Files           []gitPattern      `json:"files"`
	PathParamPrefix string            `json:"pathParamPrefix"`
	Values          map[string]string `json:"values"`
	Template        json.RawMessage   `json:"template"`
}

type gitPattern struct {
	Path    string `json:"path"`
	Exclude bool   `json:"exclude"`
}

// git gives folders, or what files say, of this repository.
func (e *expansion) git(g gitGenerator) ([]map[string]any, error) {
	if err := e.world.holds(g.RepoURL, g.Revision); err != nil {
		return nil, err
	}
	if len(g.Directories) == 0 && len(g.Files) == 0 {
		return nil, errors.New("a git generator has neither directories nor files")
	}
	files, err := e.files()
	if err != nil {
		return nil, err
	}
	if len(g.Directories) > 0 {
		return e.directories(g, files)
	}
	chosen, err := e.chosen(g.Files, files)
	if err != nil {
		return nil, err
	}
	var all []map[string]any
	for _, file := range chosen {
		more, err := e.fileParams(g, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, more...)
	}
	return all, nil
}

// files are the paths of all files of the repository, sorted.
func (e *expansion) files() ([]string, error) {
	var files []string
	err := fs.WalkDir(e.world.Tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name == ".git":
			return fs.SkipDir
		case entry.IsDir() || entry.Name() == ".git": // in a linked worktree it is a file
			return nil
		}
		files = append(files, name)
		return e.texts.budget.spend(len(name))
	})
	if err != nil && !isFinding(err) {
		return nil, unknown("what it generates cannot be told from here: the repository cannot be listed: %v", err)
	}
	slices.Sort(files)
	return files, err
}

func (e *expansion) directories(g gitGenerator, files []string) ([]map[string]any, error) {
	folders := map[string]bool{}
	for _, file := range files {
		for folder := path.Dir(file); folder != "." && !folders[folder]; folder = path.Dir(folder) {
			folders[folder] = true
		}
	}
	var all []map[string]any
	for _, folder := range walked(folders) {
		if err := e.texts.budget.spend(len(folder) * len(g.Directories)); err != nil {
			return nil, err
		}
		if strings.HasPrefix(folder, ".") || strings.Contains(folder, "/.") || !selected(g.Directories, folder) {
			continue
		}
		params := map[string]any{}
		place(params, g.PathParamPrefix, folder, "", e.spec.GoTemplate)
		if err := e.values(g.Values, params); err != nil {
			return nil, err
		}
		all = append(all, params)
	}
	return all, nil
}

// walked are folders in the order in which a walk finds them: those below a folder before its next neighbour.
func walked(folders map[string]bool) []string {
	return slices.SortedFunc(maps.Keys(folders), func(a, b string) int {
		return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
	})
}

func selected(patterns []gitPattern, folder string) bool {
	chosen := false
	for _, pattern := range patterns {
		matches, err := path.Match(pattern.Path, folder)
		if err != nil || !matches { // the controller ignores a pattern that is none
			continue
		}
		if pattern.Exclude {
			return false
		}
		chosen = true
	}
	return chosen
}

// chosen are the files that one of the patterns chooses and none excludes.
func (e *expansion) chosen(patterns []gitPattern, files []string) ([]string, error) {
	found := map[string]bool{}
	for _, exclude := range []bool{false, true} {
		for _, pattern := range patterns {
			if pattern.Exclude != exclude {
				continue
			}
			spec, err := readPathspec(pattern.Path)
			if err != nil {
				return nil, err
			}
			for _, file := range files {
				if err := e.texts.budget.spend(len(file)); err != nil {
					return nil, err
				}
				matches, err := spec.matches(e.texts.budget, file)
				if err != nil {
					return nil, err
				}
				if matches {
					found[file] = !exclude
				}
			}
		}
	}
	maps.DeleteFunc(found, func(_ string, isIn bool) bool { return !isIn })
	return slices.Sorted(maps.Keys(found)), nil
}

// fileParams are what one file says: it holds an object, or a list of them.
func (e *expansion) fileParams(g gitGenerator, file string) ([]map[string]any, error) {
	text, err := fs.ReadFile(e.world.Tree, file)
	if err != nil {
		return nil, unknown("what it generates cannot be told from here: %s cannot be read: %v", file, err)
	}
	object := map[string]any{}
	objects := []map[string]any{}
	err = e.texts.yaml(string(text), &object)
	switch {
	case err == nil:
		objects = append(objects, object)
	case isFinding(err):
		return nil, err
	default:
		if err := e.texts.yaml(string(text), &objects); err != nil {
			return nil, fmt.Errorf("neither an object nor a list of objects: %w", err)
		}
	}
	var all []map[string]any
	for _, object := range objects {
		params := map[string]any{}
		if e.spec.GoTemplate {
			maps.Copy(params, object)
		} else {
			for name, text := range flatTexts(object) {
				params[name] = text
			}
		}
		place(params, g.PathParamPrefix, path.Dir(file), path.Base(file), e.spec.GoTemplate)
		if err := e.values(g.Values, params); err != nil {
			return nil, err
		}
		all = append(all, params)
	}
	return all, nil
}

// place adds to parameters where a folder, or a file in it, lies.
func place(params map[string]any, prefix, folder, file string, goTemplate bool) {
	segments := strings.Split(folder, "/")
	about := map[string]any{"path": folder, "basename": path.Base(folder), "basenameNormalized": normalized(path.Base(folder)), "segments": segments}
	if file != "" {
		about["filename"], about["filenameNormalized"] = file, normalized(file)
	}
	switch {
	case goTemplate && prefix == "":
		params["path"] = about
		return
	case goTemplate:
		params[prefix] = map[string]any{"path": about}
		return
	}
	name := "path"
	if prefix != "" {
		name = prefix + ".path"
	}
	for part, value := range about {
		switch part {
		case "segments":
		case "path":
			params[name] = value
		default:
			params[name+"."+part] = value
		}
	}
	for i, segment := range segments {
		if segment != "" {
			params[name+"["+strconv.Itoa(i)+"]"] = segment
		}
	}
}
