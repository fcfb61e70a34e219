package cause

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/textdiff"
)

// edits are what a change does to a file: the parts of its text that both moments have, and between them those that one has.
type edits struct {
	file  string
	gone  bool // the head has no such file
	all   []edit
	parts []textdiff.Part
}

// edit is one place of a file that a change wrote.
type edit struct {
	at       finding.Position // in the head, by its line; the file alone where all of it came or went
	from, to int              // its parts
}

// editsOf finds them; nil where a file is the same in both moments.
func editsOf(base, head fs.FS, file string) *edits {
	old, noOld := fs.ReadFile(base, file)
	fresh, noFresh := fs.ReadFile(head, file)
	switch {
	case noOld != nil && noFresh != nil || noOld == nil && noFresh == nil && string(old) == string(fresh):
		return nil
	case noOld != nil || noFresh != nil:
		mark, text := byte('-'), string(old)
		if noOld != nil {
			mark, text = '+', string(fresh)
		}
		return &edits{file, noFresh != nil, []edit{{finding.Position{File: file}, 0, 1}}, []textdiff.Part{{Mark: mark, Lines: []string{text}}}}
	}
	e := &edits{file: file, parts: textdiff.Compare(string(old), string(fresh))}
	e.divide()
	return e
}

// divide finds the edits among the parts. Lines that took the place of as many others are an edit each.
func (e *edits) divide() {
	var parts []textdiff.Part
	line := 1
	for i := 0; i < len(e.parts); i++ {
		part := e.parts[i]
		if part.Mark == ' ' {
			parts, line = append(parts, part), line+len(part.Lines)
			continue
		}
		pair := []textdiff.Part{part}
		if i+1 < len(e.parts) && e.parts[i+1].Mark != ' ' {
			pair = append(pair, e.parts[i+1])
			i++
		}
		if len(pair) == 2 && len(pair[0].Lines) == len(pair[1].Lines) {
			for n := range pair[0].Lines {
				e.all = append(e.all, edit{finding.Position{File: e.file, Line: line}, len(parts), len(parts) + 2})
				for _, p := range pair {
					parts = append(parts, textdiff.Part{Mark: p.Mark, Lines: p.Lines[n : n+1]})
				}
				line++
			}
			continue
		}
		e.all = append(e.all, edit{finding.Position{File: e.file, Line: line}, len(parts), len(parts) + len(pair)})
		for _, p := range pair {
			if parts = append(parts, p); p.Mark == '+' {
				line += len(p.Lines)
			}
		}
	}
	e.parts = parts
}

// whole takes all that a change does to the file for one edit.
func (e *edits) whole() {
	e.all = []edit{{finding.Position{File: e.file}, 0, len(e.parts)}}
}

// without writes the file into a draft as the head has it, but for some edits.
func (e *edits) without(undone []edit, to *draft.Tree) {
	back := func(i int) bool {
		return slices.ContainsFunc(undone, func(u edit) bool { return u.at.File == e.file && u.from <= i && i < u.to })
	}
	var lines []string
	there := len(e.all) > 1 || e.all[0].at.Line > 0 // both moments have the file
	for i, part := range e.parts {
		if kept := byte('+'); part.Mark == ' ' || (part.Mark == kept) != back(i) {
			lines, there = append(lines, part.Lines...), true
		}
	}
	if !there {
		to.Remove(e.file)
		return
	}
	to.Write(e.file, []byte(strings.TrimSuffix(strings.Join(lines, "\n"), "\n")+"\n"))
}

// folders are those that a kustomization is built from, with its own, in either moment.
func folders(tree fs.FS, folder string, seen map[string]bool) {
	if seen[folder] || !fs.ValidPath(folder) {
		return
	}
	if info, err := fs.Stat(tree, folder); err != nil || !info.IsDir() {
		return
	}
	seen[folder] = true
	_, text := kustomization(tree, folder)
	for line := range strings.Lines(string(text)) {
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ,[]{}\"'\n\t", r) }) {
			if strings.Contains(word, "/") || strings.HasPrefix(strings.TrimSpace(line), "-") {
				folders(tree, path.Join(folder, word), seen)
			}
		}
	}
}

// filesOf are the files that an overlay is built from, in either moment, sorted.
func filesOf(base, head fs.FS, overlay string) []string {
	files := map[string]bool{}
	for _, tree := range []fs.FS{base, head} {
		within := map[string]bool{}
		folders(tree, overlay, within)
		for folder := range within {
			_ = fs.WalkDir(tree, folder, func(name string, entry fs.DirEntry, err error) error {
				if err == nil && entry.Type().IsRegular() {
					files[name] = true
				}
				return nil
			})
		}
	}
	var all []string
	for file := range files {
		all = append(all, file)
	}
	slices.Sort(all)
	return all
}
