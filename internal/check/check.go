// Package check finds what a pull request must not hold: folders that belong to no environment, objects that no API
// accepts, rules that a rendered object breaks, rendered files that are out of date. It reads; it mends nothing.
package check

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync"
	"time"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/guard"
	"spokewright.dev/spokewright/internal/judge"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/merge"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/textdiff"
	"spokewright.dev/spokewright/schema"
)

// Orphans finds folders of overlays and of rendered files whose environment does not exist.
func Orphans(tree fs.FS, names []string) (finding.Findings, error) {
	var findings finding.Findings
	for _, folder := range []string{render.Overlays, render.Golden} {
		entries, err := fs.ReadDir(tree, folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, entry := range entries {
			if entry.IsDir() && !slices.Contains(names, entry.Name()) {
				findings = append(findings, finding.Finding{Code: finding.Orphan, Position: finding.Position{File: path.Join(folder, entry.Name())},
					Message: "no environment has this name: there is no " + schema.SpecFile(entry.Name()), Suggestion: finding.Suggest(entry.Name(), names)})
			}
		}
	}
	return findings, nil
}

// Nameless finds files with recorded names whose environment does not exist.
func Nameless(tree fs.FS, names []string) (finding.Findings, error) {
	files, err := fs.Glob(tree, schema.NamesFile("*"))
	if err != nil {
		return nil, err
	}
	var findings finding.Findings
	for _, file := range files {
		if name := schema.EnvironmentOfFile(path.Base(file)); !slices.Contains(names, name) {
			findings = append(findings, finding.Finding{Code: finding.Orphan, Position: finding.Position{File: file},
				Message: "no environment has this name: there is no " + schema.SpecFile(name), Suggestion: finding.Suggest(name, names)})
		}
	}
	return findings, nil
}

// Shapes finds objects that their API would refuse.
func Shapes(set *crd.Set, rendered render.Rendered) finding.Findings {
	var findings finding.Findings
	for _, item := range rendered.Objects {
		for _, f := range set.Check(item) {
			if f.Code == finding.UnknownKind && f.Suggestion == "" && f.Aside == "" {
				continue // a team's own kind: only its cluster can judge it
			}
			findings = append(findings, f)
		}
	}
	return located(findings, rendered)
}

// Rules finds objects that break a rule of the environment's class. The guard refuses claims that break a rule that
// denies; here everything is told, workloads and mere warnings too. Where the spec says what breaks it, the finding stands there.
func Rules(e schema.Environment, rendered render.Rendered) finding.Findings {
	var elsewhere, said finding.Findings
	promised := sync.OnceValue(func() []manifest.Object { return functions.Expand(e, rendered.Plane) })
	for _, item := range rendered.Objects {
		for _, v := range judge.Judge(e, item) {
			f := v.Finding()
			if spec, is := guard.Said(e, promised(), item, v.Path); is {
				f.Position = spec
				said = append(said, f)
				continue
			}
			elsewhere = append(elsewhere, f)
		}
	}
	return append(said, located(elsewhere, rendered)...)
}

// Waivers finds those of an environment and of its class that are over at a time, and notes rules that still ask for
// less.
func Waivers(e schema.Environment, now time.Time) finding.Findings {
	over, held := e.Loosened(now)
	return slices.Concat(over, e.WaiversOver(now), held)
}

// Lifetime warns of an environment whose last day is over.
func Lifetime(e schema.Environment, now time.Time) finding.Findings {
	if e.Retiring != "" || !e.Expired(now) {
		return nil
	}
	return finding.Findings{{Code: finding.Expired, Severity: finding.Warning, Position: e.Written("lifetime", "expires"), Path: finding.Keys("lifetime", "expires"),
		Message: fmt.Sprintf("found %q, which is over: spokewright env rm %s takes the environment down", e.Lifetime.Expires, e.Name)}}
}

// UpToDate compares a rendered file, and what starts a hub beside it, with what stands in the tree.
func UpToDate(tree fs.FS, rendered render.Rendered) (finding.Findings, error) {
	file := path.Join(render.Golden, rendered.File())
	findings, err := upToDate(tree, file, rendered.YAML)
	if err != nil || rendered.Plane != schema.Hub {
		return findings, err
	}
	file = path.Join(path.Dir(file), render.RootFile)
	if rendered.Root != nil {
		more, err := upToDate(tree, file, rendered.Root)
		return append(findings, more...), err
	}
	if _, err := fs.Stat(tree, file); err == nil {
		findings = append(findings, finding.Finding{Code: finding.Orphan, Position: finding.Position{File: file}, Message: "nothing starts here: " + rendered.Environment + " is no hub; remove the file"})
	}
	return findings, nil
}

func upToDate(tree fs.FS, file string, text []byte) (finding.Findings, error) {
	old, err := fs.ReadFile(tree, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return finding.Findings{{Code: finding.OutOfDate, Position: finding.Position{File: file}, Message: "the file is missing: spokewright render writes it"}}, nil
	case err != nil:
		return nil, err
	case bytes.Equal(old, text):
		return nil, nil
	}
	if _, _, line := merge.Unmerged(old); line > 0 {
		return finding.Findings{{Code: finding.OutOfDate, Position: finding.Position{File: file, Line: line, Column: 1},
			Message: "found a merge conflict that nobody has resolved: spokewright render writes the file anew, then git add it"}}, nil
	}
	return finding.Findings{{Code: finding.OutOfDate, Position: finding.Position{File: file}, Message: "out of date: spokewright render brings it up to date",
		Detail: textdiff.Difference([2]string{file, file + " (rendered)"}, string(old), string(text), textdiff.Painter(false))}}, nil
}
