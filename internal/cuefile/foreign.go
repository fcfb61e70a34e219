package cuefile

import (
	"fmt"
	"regexp"
	"strings"

	"cuelang.org/go/cue/parser"
)

// foreign is what a text is where it is no CUE as a whole: what Git left of a merge, another language.
type foreign struct {
	line, column int
	message      string
	fixed        []byte       // the text as CUE, with the same lines, where it could be made; nil otherwise
	told         map[int]bool // the lines that fixed differs in
}

// otherLanguage says what a text with mistakes in it is instead of CUE, at the first line that shows it; its message is
// empty where that is not known. The parser's own words are about the line after, or about each word.
func otherLanguage(file string, text []byte) foreign {
	s := source{file, text}
	if len(text) > maxSourceBytes || len(checkTokens(s)) > 0 {
		return mergeConflict(codeLines(text))
	}
	lines := codeLines(text)
	if _, err := parser.ParseFile(file, text); err != nil {
		if f := mergeConflict(lines); f.message != "" {
			return f
		}
		if f := assignments(file, text, lines); f.message != "" {
			return f
		}
	}
	return yamlBlocks(lines)
}

// codeLine is a line that stands in no text of several lines, counted from 1.
type codeLine struct {
	number int
	text   string
}

func codeLines(text []byte) []codeLine {
	var lines []codeLine
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
		quotes := strings.Count(line, `"""`) + strings.Count(line, `'''`)
		if !inside {
			lines = append(lines, codeLine{i + 1, strings.TrimSuffix(line, "\r")})
		}
		inside = inside != (quotes%2 == 1)
	}
	return lines
}

// The line that begins a conflict, as git merge writes it.
var conflictStart = regexp.MustCompile(`^<{7}( |$)`)

func mergeConflict(lines []codeLine) foreign {
	for _, line := range lines {
		if conflictStart.MatchString(line.text) {
			return foreign{line: line.number, column: 1,
				message: "found a merge conflict that nobody has resolved: keep one of the versions between <<<<<<< and >>>>>>>, and take these marks out"}
		}
	}
	return foreign{}
}

var (
	assignment = regexp.MustCompile(`^(\s*)("?[A-Za-z_][\w-]*"?)\s*=\s*(["\[{\w-].*)$`)
	block      = regexp.MustCompile(`^(\s*)([A-Za-z_][\w-]*)((?:\s+"[^"]*")*)\s*\{(.*)$`)
)

// assignments finds NAME = VALUE, as HCL and TOML write it, and blocks without a colon beside it.
func assignments(file string, text []byte, lines []codeLine) foreign {
	f := foreign{told: map[int]bool{}}
	fixed := strings.Split(string(text), "\n")
	for _, line := range lines {
		name := assignment.FindStringSubmatch(line.text)
		if name != nil && !strings.HasPrefix(strings.TrimSpace(line.text), "let ") {
			if f.message == "" {
				f.line, f.column = line.number, len(name[1])+1
				f.message = fmt.Sprintf("found %s, as HCL and TOML write it: in CUE a field has a colon, %s: %s",
					shorten(strings.TrimSpace(line.text)), name[2], shorten(name[3]))
			}
			f.told[line.number] = true
			fixed[line.number-1] = name[1] + name[2] + ": " + name[3]
		} else if b := block.FindStringSubmatch(line.text); b != nil {
			f.told[line.number] = true
			fixed[line.number-1] = b[1] + strings.Join(append([]string{b[2]}, strings.Fields(b[3])...), ": ") + ": {" + b[4]
		}
	}
	if whole := strings.Join(fixed, "\n"); f.message != "" {
		if _, err := parser.ParseFile(file, whole); err == nil {
			f.fixed = []byte(whole)
		}
	}
	return f
}

var (
	yamlParent = regexp.MustCompile(`^(\s*)([\w./-]+):\s*(?:#.*)?$`)
	yamlChild  = regexp.MustCompile(`^(\s+)(?:- |[\w./-]+:(?: |$))`)
	yamlWord   = regexp.MustCompile(`^\s*(?:- )?([\w./-]+):\s+([A-Za-z_][\w./-]*)\s*(?:#.*)?$`)
	cueWord    = regexp.MustCompile(`^(true|false|null|string|bool|int|float|number|bytes|_)$`)
)

// yamlBlocks finds fields that stand indented below the one that they belong to, beside texts without quotes: either
// alone is a slip in CUE, both are YAML.
func yamlBlocks(lines []codeLine) foreign {
	var parent, name, word string
	first := 0
	note := func(line int) {
		if first == 0 {
			first = line
		}
	}
	for i, line := range lines {
		if strings.TrimRight(line.text, " ") == "---" && first == 0 {
			return foreign{line: line.number, column: 1, message: "found ---, which begins a YAML document: a spec is CUE, " + cueForm("class", "development", "cluster")}
		}
		if w := yamlWord.FindStringSubmatch(line.text); w != nil && !cueWord.MatchString(w[2]) {
			note(line.number)
			if word == "" {
				name, word = w[1], w[2]
			}
		}
		p := yamlParent.FindStringSubmatch(line.text)
		if p == nil || i+1 == len(lines) {
			continue
		}
		if c := yamlChild.FindStringSubmatch(lines[i+1].text); c != nil && len(c[1]) > len(p[1]) {
			note(line.number)
			if parent == "" {
				parent = p[2]
			}
		}
	}
	if parent == "" || word == "" {
		return foreign{}
	}
	return foreign{line: first, column: 1, message: "found YAML: a spec is CUE, " + cueForm(name, word, parent)}
}

func cueForm(name, word, parent string) string {
	return fmt.Sprintf("where a text has quotes (%s: %q) and what belongs to a field stands in braces (%s: {...})", name, word, parent)
}
