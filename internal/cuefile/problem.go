package cuefile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a file of the fleet. File is a slash path relative to the fleet's root; Line and Column
// count from 1 and are 0 where a text has no lines of its own (an inline spec).
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem is one thing that is wrong with what a user wrote, and where.
type Problem struct {
	Position
	// Field is the path of the field, such as "databases.orders.storageGB"; empty where the whole file is meant.
	Field string
	// Message says what was found and what is allowed.
	Message string
}

func (p Problem) String() string {
	if p.Field == "" {
		return p.Position.String() + ": " + p.Message
	}
	return p.Position.String() + ": " + p.Field + ": " + p.Message
}

// Problems are all that is wrong, in the order of the files. It is an error: the input is wrong, not the tool.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// OrNil is the problems as an error, sorted and each once; nil where there are none.
func (p Problems) OrNil() error {
	if len(p) == 0 {
		return nil
	}
	return p.sorted()
}

// sorted are the problems in the order of the files, each once.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(p)
}

// OfFile is the problems of one file as an error; of very many, the first.
func (p Problems) OfFile() error {
	if len(p) <= maxTold {
		return p.OrNil()
	}
	p = p.sorted()
	if more := len(p) - maxTold; more > 0 {
		p = append(p[:maxTold], Problem{p[maxTold].Position, "", fmt.Sprintf("and %d more mistakes from here on", more)})
	}
	return p
}
