package cuefile

import (
	"fmt"
	"regexp"
	"strings"

	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"

	"spokewright.dev/spokewright/internal/finding"
)

// syntax turns the parser's errors into problems: the first on each line, since the others follow from it. The parser
// loses its way behind some mistakes, so it is asked again without the lines that are told of.
func (s source) syntax(err error) finding.Findings {
	var problems finding.Findings
	told := map[int]bool{}
	lines := strings.Split(string(s.text), "\n")
	for range 10 {
		known := len(problems)
		for _, e := range errors.Errors(err) {
			if at := s.position(e.Position()); !told[at.Line] {
				told[at.Line] = true
				problems = append(problems, problem(finding.Syntax, at, "%s", s.grammar(at, e))...)
			}
		}
		for _, p := range problems[known:] {
			if !balanced(lines[p.Line-1]) {
				return problems
			}
			lines[p.Line-1] = ""
		}
		if _, err = parser.ParseFile(s.file, strings.Join(lines, "\n")); err == nil || len(problems) == known {
			break
		}
	}
	return problems
}

// balanced says whether a line can be left out without a bracket losing its other half.
func balanced(line string) bool {
	for _, pair := range []string{"{}", "[]", "()"} {
		if strings.Count(line, pair[:1]) != strings.Count(line, pair[1:]) {
			return false
		}
	}
	return !strings.Contains(line, `"""`) && !strings.Contains(line, `'''`)
}

// A name with a dash and no quotes, before its colon.
var dashed = regexp.MustCompile(`(?:^|[:{,\s])([A-Za-z_]\w*(?:-\w+)+)\s*:(?:[^/]|$)`)

// grammar says what is wrong with the syntax in a user's words.
func (s source) grammar(at finding.Position, e errors.Error) string {
	format, args := e.Msg()
	line := s.line(at.Line)
	switch {
	case strings.HasPrefix(strings.TrimSpace(line), "# "):
		return "found #: a comment starts with //"
	case strings.HasPrefix(strings.TrimSpace(line), "- "):
		return "found a dash: a list is written [a, b], and a map {name: value}"
	case strings.HasPrefix(format, "illegal character") && strings.ContainsAny(line, "“”„‟‘’«»"):
		return `found a typographic quote: a text has plain quotes (")`
	case strings.HasPrefix(format, "cannot have both alias and field"):
		return fmt.Sprintf("found a field below a let of the same name, %v: give the let another name", args[0])
	case format == "string literal not terminated":
		return "found a text without its closing quote"
	case strings.HasPrefix(format, "missing ','"):
		if name := dashed.FindStringSubmatch(line); name != nil {
			return fmt.Sprintf("found the name %s without quotes: a name with a dash is written %q", name[1], name[1])
		}
		return "found two things after each other: a text has no quotes, or a comma or a new line is missing"
	}
	words := make([]any, len(args))
	for i, arg := range args {
		words[i] = arg
		if word, ok := spoken()[fmt.Sprint(arg)]; ok {
			words[i] = word
		}
	}
	return shorten(strings.ReplaceAll(fmt.Sprintf(strings.ReplaceAll(format, "'%s'", "%s"), words...), "'", ""))
}

// spoken are words for the parser's names of things.
func spoken() map[string]string {
	return map[string]string{
		"EOF": "the end of the file", "operand": "a value", "label or ':'": "a name and a colon", "newline": "the end of the line",
		"IDENT": "the name", "INT": "the number", "FLOAT": "the number", "STRING": "the text", "INTERPOLATION": "the text", ",": "a comma or the end of the line",
	}
}

// line is one line of the text, counted from 1.
func (s source) line(number int) string {
	lines := strings.SplitN(string(s.text), "\n", number+1)
	if number > len(lines) {
		return ""
	}
	return lines[number-1]
}
