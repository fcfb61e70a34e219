// Package finding is the one word for "something is wrong": what, where, at which object and field, and what to do.
// Whoever knows the position makes the finding; this package sorts, folds and prints them. It judges nothing and reads
// no files.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a finding does: only an Error refuses.
type Severity int

const (
	Error   Severity = iota // the input must change
	Warning                 // it should change
	Note                    // it is known and accepted, as what a waiver allows
)

func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Note:
		return "note"
	default:
		return "error"
	}
}

// Position is a place in a file. File is a slash path relative to the fleet's root; Line and Column count from 1, a
// column in bytes, and are 0 where the file as a whole is meant or the text has no lines of its own (an inline spec).
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string {
	file := printable(p.File)
	switch {
	case p.Line == 0:
		return file
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", file, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", file, p.Line, p.Column)
	}
}

// Related is another position that explains a finding, such as the first of two values that differ.
type Related struct {
	Position
	Message string
}

// Object names a Kubernetes object. Namespace is empty for a cluster-wide one.
type Object struct {
	Kind, Namespace, Name string
}

// String gives Kind namespace/name, the way people write it.
func (o Object) String() string {
	name := o.Name
	if o.Namespace != "" {
		name = o.Namespace + "/" + name
	}
	return strings.TrimSpace(o.Kind + " " + name)
}

// Finding is one thing that is wrong.
type Finding struct {
	Severity Severity
	Code     Code
	Position
	Related []Related
	Plane   string // ENVIRONMENT/PLANE whose objects were looked at; empty where none were
	Object  Object // zero where no object is meant
	Path    Path   // of the field; empty where the whole object or file is meant
	// Message says in one sentence without an end what was found and what is allowed, without the position, object,
	// path and suggestion.
	Message string
	// Suggestion is the right word that was probably meant, or empty.
	Suggestion string
	// Aside is what else helps, in brackets behind the sentence, such as all names that are allowed; often empty.
	Aside string
	// Remedy is what to do about it, in a line; often empty, since the message says it.
	Remedy string
	// Detail is text of several lines for people, such as the difference to what should be there.
	Detail string
}

// Sentence is the message with its suggestion and aside: `no such field; did you mean "class"? (allowed are class, hub)`.
func (f Finding) Sentence() string {
	text := f.Message
	if f.Suggestion != "" {
		text += fmt.Sprintf("; did you mean %s?", Quote(f.Suggestion))
	}
	if f.Aside != "" {
		text += " (" + f.Aside + ")"
	}
	return text
}

// String is the finding on one line: file:line:col: severity: object: path: sentence. Errors do not say their severity.
func (f Finding) String() string {
	parts := []string{f.Position.String(), "", f.Object.String(), f.Path.Brief(), f.Sentence()}
	if f.Severity != Error {
		parts[1] = f.Severity.String()
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return oneLine(strings.Join(parts, ": "))
}

// Findings are all that is wrong. As an error they say that the input is wrong, not the tool.
type Findings []Finding

// Error is a line a finding, in the order of the files, the same finding over many objects or files once.
func (all Findings) Error() string {
	var text strings.Builder
	all.text(&text, Text{})
	return strings.TrimSuffix(text.String(), "\n")
}

// Input is the property of an error that IsInput looks for.
func (all Findings) Input() bool { return true }

// Refuse reports whether one of the findings is more than a warning.
func (all Findings) Refuse() bool {
	return slices.ContainsFunc(all, func(f Finding) bool { return f.Severity == Error })
}

// Err is the findings as an error, sorted and each once; nil where there are none.
func (all Findings) Err() error {
	if len(all) == 0 {
		return nil
	}
	return all.Sorted()
}

// Sorted are the findings in the order of the files, each once. Findings without a file come first.
func (all Findings) Sorted() Findings {
	order := make([]*Finding, len(all)) // a finding is large to move about
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortStableFunc(order, compare)
	sorted := make(Findings, 0, len(all))
	for i, f := range order {
		if i == 0 || compare(order[i-1], f) != 0 {
			sorted = append(sorted, *f)
		}
	}
	return sorted
}

func compare(a, b *Finding) int {
	if c := cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.Object.Kind, b.Object.Kind), cmp.Compare(a.Object.Namespace, b.Object.Namespace), cmp.Compare(a.Object.Name, b.Object.Name),
		cmp.Compare(a.Path, b.Path), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Message, b.Message), cmp.Compare(a.Suggestion, b.Suggestion), cmp.Compare(a.Aside, b.Aside), cmp.Compare(a.Detail, b.Detail))
}
