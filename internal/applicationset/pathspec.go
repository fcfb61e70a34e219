package applicationset

import (
	"path"
	"regexp"
	"strings"
)

// pathspec is a pattern of Git for paths, as git ls-files reads it: a wildcard goes beyond slashes, and a folder stands for
// all that is below.
type pathspec struct {
	folder  string
	pattern *regexp.Regexp
}

func readPathspec(text string) (pathspec, error) {
	if strings.HasPrefix(text, ":") {
		return pathspec{}, unknown("what it generates cannot be told from here: %s is a pattern of Git with magic words", text)
	}
	if strings.HasPrefix(text, "/") || text == ".." || strings.HasPrefix(path.Clean(text), "../") {
		return pathspec{}, unknown("what it generates cannot be told from here: %s leads out of the repository", text)
	}
	clean := path.Clean(text) // an empty one is the root
	if clean == "." {
		clean = ""
	} else if strings.HasSuffix(text, "/") {
		clean += "/"
	}
	spec := pathspec{folder: clean}
	if strings.ContainsAny(clean, `*?[\`) {
		pattern, err := regexp.Compile(wildcard(clean, false))
		if err != nil { // Git matches nothing by a pattern that is none
			pattern = regexp.MustCompile(`^\b$`)
		}
		spec.pattern = pattern
	}
	return spec, nil
}

// wildcard is a pattern of Git as a regular expression, or one of Argo CD, which knows alternatives in braces too.
func wildcard(pattern string, braces bool) string {
	var text strings.Builder
	text.WriteString(`(?s)\A`)
	open := 0
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case braces && c == '{':
			open++
			text.WriteString(`(?:`)
		case c == '}' && open > 0:
			open--
			text.WriteString(`)`)
		case c == ',' && open > 0:
			text.WriteString(`|`)
		case c == '*':
			text.WriteString(`.*`)
		case c == '?':
			text.WriteString(`.`)
		case c == '\\':
			if i++; i < len(pattern) {
				text.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
			}
		case c == '[':
			end := closing(pattern, i)
			if end < 0 {
				return `\z\A\b` // matches nothing
			}
			text.WriteString(class(pattern[i+1 : end]))
			i = end
		default:
			text.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	text.WriteString(`\z`)
	return text.String()
}

// closing is where the class ends that begins at i.
func closing(pattern string, i int) int {
	at := i + 1
	if at < len(pattern) && (pattern[at] == '!' || pattern[at] == '^') {
		at++
	}
	if at < len(pattern) && pattern[at] == ']' {
		at++
	}
	for ; at < len(pattern); at++ {
		switch {
		case pattern[at] == '\\':
			at++
		case strings.HasPrefix(pattern[at:], "[:"):
			if end := strings.Index(pattern[at:], ":]"); end > 0 {
				at += end + 1
			}
		case pattern[at] == ']':
			return at
		}
	}
	return -1
}

func class(inside string) string {
	negated := ""
	if strings.HasPrefix(inside, "!") || strings.HasPrefix(inside, "^") {
		negated, inside = "^", inside[1:]
	}
	if strings.HasPrefix(inside, "]") {
		inside = `\]` + inside[1:]
	}
	var text strings.Builder
	for i := 0; i < len(inside); i++ {
		switch {
		case strings.HasPrefix(inside[i:], "[:"):
			if end := strings.Index(inside[i:], ":]"); end > 0 {
				text.WriteString(inside[i : i+end+2])
				i += end + 1
				continue
			}
			text.WriteString(`\[`)
		case inside[i] == '[' || inside[i] == '^':
			text.WriteString(`\` + inside[i:i+1])
		default:
			text.WriteByte(inside[i])
		}
	}
	return "[" + negated + text.String() + "]"
}

func (p pathspec) matches(b *budget, file string) (bool, error) {
	rest, below := strings.CutPrefix(file, p.folder)
	if below && (p.folder == "" || rest == "" || strings.HasPrefix(rest, "/") || strings.HasSuffix(p.folder, "/")) {
		return true, nil
	}
	if p.pattern == nil {
		return false, nil
	}
	if err := b.spend(len(file) * len(p.folder) / 8); err != nil {
		return false, err
	}
	return p.pattern.MatchString(file), nil
}
