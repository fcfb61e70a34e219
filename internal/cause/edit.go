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

// divide finds the edits among the parts: what begins alike on both sides is one, and what has none like it is one of its own.
func (e *edits) divide() {
	parts := e.parts
	e.parts = nil
	line := 1
	for i := 0; i < len(parts); i++ {
		if parts[i].Mark == ' ' {
			e.parts, line = append(e.parts, parts[i]), line+len(parts[i].Lines)
			continue
		}
		var gone, came [][]string
		for ; i < len(parts) && parts[i].Mark != ' '; i++ {
			if chunks := e.chunks(parts[i].Lines); parts[i].Mark == '-' {
				gone = append(gone, chunks...)
			} else {
				came = append(came, chunks...)
			}
		}
		i--
		line = e.align(gone, came, line)
	}
}

// align makes edits of chunks that went and chunks that came in their place, and gives the line behind them.
func (e *edits) align(gone, came [][]string, line int) int {
	for _, fresh := range came {
		with := slices.IndexFunc(gone, func(old []string) bool { return beginning(old) == beginning(fresh) })
		if with < 0 && len(gone) == len(came) {
			with = 0
		}
		for _, old := range gone[:with+1] {
			e.add(line, textdiff.Part{Mark: '-', Lines: old})
		}
		if with >= 0 { // it takes the place of the last of them
			e.all = e.all[:len(e.all)-1]
			e.parts = append(e.parts, textdiff.Part{Mark: '+', Lines: fresh})
			e.all = append(e.all, edit{finding.Position{File: e.file, Line: line}, len(e.parts) - 2, len(e.parts)})
			gone = gone[with+1:]
		} else {
			e.add(line, textdiff.Part{Mark: '+', Lines: fresh})
		}
		line += len(fresh)
	}
	for _, old := range gone {
		e.add(line, textdiff.Part{Mark: '-', Lines: old})
	}
	return line
}

// add is an edit of one part.
func (e *edits) add(line int, part textdiff.Part) {
	e.all = append(e.all, edit{finding.Position{File: e.file, Line: line}, len(e.parts), len(e.parts) + 1})
	e.parts = append(e.parts, part)
}

// beginning is what lines are told by: what stands before the first value.
func beginning(lines []string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(lines[0]), ":")
	return name
}

// chunks divides lines into those that stand together: of CUE until all brackets are closed, of YAML until one stands no deeper
// than the first.
func (e *edits) chunks(lines []string) [][]string {
	var all [][]string
	depth, indent := 0, 0
	for _, line := range lines {
		text := strings.TrimLeft(line, " \t")
		in := len(line) - len(text)
		var begins bool
		if strings.HasSuffix(e.file, ".cue") {
			begins = depth <= 0
			depth = max(depth, 0) + strings.Count(text, "{") + strings.Count(text, "[") + strings.Count(text, "(") - strings.Count(text, "}") - strings.Count(text, "]") - strings.Count(text, ")")
		} else {
			begins = in < indent || in == indent && (!strings.HasPrefix(text, "- ") || len(all) > 0 && strings.HasPrefix(strings.TrimSpace(all[len(all)-1][0]), "- "))
		}
		if begins || len(all) == 0 {
			all, indent = append(all, nil), in
		}
		all[len(all)-1] = append(all[len(all)-1], line)
	}
	return all
}

// names says whether one of the lines of an edit has a word.
func (e *edits) names(one edit, word string) bool {
	return slices.ContainsFunc(e.parts[one.from:one.to], func(p textdiff.Part) bool {
		return p.Mark != ' ' && slices.ContainsFunc(p.Lines, func(line string) bool { return strings.Contains(line, word) })
	})
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
