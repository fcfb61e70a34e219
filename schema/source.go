package schema

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// The largest spec that is read, in bytes: a hundred times what a large environment takes.
const maxSourceBytes = 1 << 20

// compile turns the text of a spec into a CUE value. It opens nothing: imports are refused but for CUE's own library.
func compile(file string, text []byte) (cue.Value, Problems) {
	if problems := checkText(file, text); len(problems) > 0 {
		return cue.Value{}, problems
	}
	syntax, err := parser.ParseFile(file, text)
	if err != nil {
		return cue.Value{}, fromCUE(file, err)
	}
	if problems := checkSyntax(file, syntax); len(problems) > 0 {
		return cue.Value{}, problems
	}
	value := cuecontext.New().BuildFile(syntax)
	if err := value.Validate(); err != nil {
		return cue.Value{}, fromCUE(file, err)
	}
	return value, nil
}

// checkText refuses what an editor hides or Git changes: other encodings, control and direction characters, CRLF.
func checkText(file string, text []byte) Problems {
	if len(text) > maxSourceBytes {
		return Problems{{Position{file, 1, 1}, "", fmt.Sprintf("the file has %d bytes, allowed are %d", len(text), maxSourceBytes)}}
	}
	if len(strings.TrimSpace(string(text))) == 0 {
		return Problems{{Position{file, 1, 1}, "", "the file is empty"}}
	}
	var problems Problems
	for number, line := range strings.Split(string(text), "\n") {
		for column, r := range line {
			if what := hidden(r, line[column:]); what != "" {
				problems = append(problems, Problem{Position{file, number + 1, column + 1}, "", what + ": write plain text"})
				break
			}
		}
	}
	return problems
}

// hidden names a character that does not show, or "".
func hidden(r rune, rest string) string {
	switch {
	case r == utf8.RuneError && !strings.HasPrefix(rest, "\uFFFD"):
		return "bytes that are not UTF-8"
	case r == '\r':
		return "a carriage return; lines end in LF alone"
	case r < 0x20 && r != '\t' || r == 0x7F || r >= 0x80 && r < 0xA0:
		return fmt.Sprintf("the control character U+%04X", r)
	case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C:
		return fmt.Sprintf("the bidirectional character U+%04X, which makes text look like other text", r)
	case r >= 0x200B && r <= 0x200D || r == 0x2060 || r == 0xFEFF || r == 0x00AD:
		return fmt.Sprintf("the invisible character U+%04X", r)
	}
	return ""
}

// checkSyntax refuses imports from outside, names that are not ASCII, and text that grows when it is evaluated.
func checkSyntax(file string, syntax *ast.File) Problems {
	var problems Problems
	for spec := range syntax.ImportSpecs() {
		name := strings.Trim(spec.Path.Value, `"`)
		if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
			problems = append(problems, Problem{position(file, spec.Path.Pos()), "",
				fmt.Sprintf("import of %q: specs import nothing but CUE's standard library, and nothing is ever fetched", name)})
		}
	}
	ast.Walk(syntax, func(n ast.Node) bool {
		if name, ok := identifier(n); ok && !isASCII(name) {
			problems = append(problems, Problem{position(file, n.Pos()), "", fmt.Sprintf("the name %+q has letters outside ASCII, which can look like others", name)})
		}
		return true
	}, nil)
	return append(problems, checkGrowth(file, syntax)...)
}

// identifier is the name that a node declares or refers to.
func identifier(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name, true
	case *ast.Field:
		if label, ok := n.Label.(*ast.BasicLit); ok {
			return label.Value, true
		}
	}
	return "", false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// fromCUE turns CUE's own errors into problems, each at the user's value.
func fromCUE(file string, err error) Problems {
	var problems Problems
	for _, e := range errors.Errors(err) {
		format, args := e.Msg()
		message := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ")
		problems = append(problems, Problem{position(file, userPosition(file, e)), strings.Join(e.Path(), "."), message})
	}
	return problems
}

// userPosition is the last place in the user's file that an error names: CUE names the rule first.
func userPosition(file string, e errors.Error) token.Pos {
	found := e.Position()
	for _, pos := range e.InputPositions() {
		if pos.Filename() == file {
			found = pos
		}
	}
	return found
}

// position is where a token stands; the start of the file where CUE does not know.
func position(file string, pos token.Pos) Position {
	if !pos.IsValid() || pos.Filename() == "" || path.Base(pos.Filename()) != path.Base(file) {
		return Position{file, 1, 1}
	}
	return Position{file, pos.Line(), pos.Column()}
}
