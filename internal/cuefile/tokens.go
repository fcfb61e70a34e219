package cuefile

import (
	"strings"

	"cuelang.org/go/cue/scanner"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// The most levels of a text below each other: brackets, names before names, and operands in one expression.
const maxDepth = 300

// MaxTold is the most mistakes in one file that are told; who has more has another problem.
const MaxTold = 100

// checkTokens refuses a text that the parser would spend too much on: what is nested too deep or broken all over.
func checkTokens(s source) finding.Findings {
	var problems finding.Findings
	file := token.NewFile(s.file, -1, len(s.text))
	broken := func(pos token.Pos, message string, args []any) {
		problems = append(problems, problem(finding.Syntax, s.position(pos), message, args...)...)
	}
	var tokens scanner.Scanner
	tokens.Init(file, s.text, broken, 0)
	n := nesting{levels: []level{{}}}
	for len(problems) < MaxTold {
		pos, tok, lit := tokens.Scan()
		if tok == token.EOF {
			return nil // the parser tells what is broken
		}
		if n.take(tok, lit) {
			n.resume(tokens.ResumeInterpolation())
		}
		if n.depth() > maxDepth {
			return problem(finding.TooLarge, s.position(pos), "found more than %d levels below each other: a spec is flat", maxDepth)
		}
	}
	return problem(finding.Many, problems[0].Position, "found more than %d mistakes in the text, the first of them here: %s", MaxTold, problems[0].Message)
}

// nesting counts how deep the syntax tree of a row of tokens is.
type nesting struct {
	levels []level
	text   bool // the next parenthesis belongs to a text with \(...) in it
	sum    int
}

// level is what stands between two brackets.
type level struct {
	chain int  // names and operands since the last comma
	text  bool // the brackets are those of \(...)
}

func (n *nesting) depth() int { return n.sum + len(n.levels) }

// take counts a token, and says whether it ends a \(...), so that the text around it goes on.
func (n *nesting) take(tok token.Token, lit string) bool {
	top := &n.levels[len(n.levels)-1]
	switch tok {
	case token.INTERPOLATION:
		n.text = true
	case token.LPAREN, token.LBRACK, token.LBRACE:
		top.chain++
		n.sum++
		n.levels = append(n.levels, level{text: n.text})
		n.text = false
	case token.RPAREN, token.RBRACK, token.RBRACE:
		if len(n.levels) == 1 {
			return false
		}
		n.sum -= top.chain
		n.levels = n.levels[:len(n.levels)-1]
		return top.text && tok == token.RPAREN
	case token.COMMA:
		n.sum -= top.chain
		top.chain = 0
	case token.IDENT, token.STRING, token.INT, token.FLOAT, token.NULL, token.TRUE, token.FALSE, token.COMMENT:
	default:
		top.chain++
		n.sum++
	}
	return false
}

// resume goes on with a text behind a \(...), which may have the next one in it.
func (n *nesting) resume(text string) { n.text = strings.HasSuffix(text, "(") }
