package merge

import (
	"regexp"
	"strings"
)

// A list of texts within an expression, and a text in it.
var (
	textList = regexp.MustCompile(`\[\s*(?:"(?:[^"\\]|\\.)*"\s*,?\s*)*\]`)
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// expression merges an expression whose lists of texts alone changed, such as `namespace in ["dev", "prod"]`, by these.
func expression(base, ours, theirs string) (string, bool) {
	frame := textList.ReplaceAllString(ours, "[]")
	if frame != textList.ReplaceAllString(base, "[]") || frame != textList.ReplaceAllString(theirs, "[]") {
		return "", false
	}
	was, our, their := textList.FindAllString(base, -1), textList.FindAllString(ours, -1), textList.FindAllString(theirs, -1)
	var merged strings.Builder
	place := 0
	for i, at := range textList.FindAllStringIndex(ours, -1) {
		merged.WriteString(ours[place:at[0]])
		merged.WriteString(texts(was[i], our[i], their[i]))
		place = at[1]
	}
	merged.WriteString(ours[place:])
	return merged.String(), true
}

// texts merges a list of texts, written as the side is that has more lines.
func texts(base, ours, theirs string) string {
	of := func(list string) keyed {
		set := keyed{values: map[string]any{}}
		for _, text := range quoted.FindAllString(list, -1) {
			set.add(text, text)
		}
		return set
	}
	var m merger // of texts that are their own keys, nothing can be in conflict
	var all []string
	for _, text := range m.elements(of(base), of(ours), of(theirs), below("")) {
		all = append(all, text.(string))
	}
	style := ours
	if strings.Count(theirs, "\n") > strings.Count(ours, "\n") {
		style = theirs
	}
	if !strings.Contains(style, "\n") || len(all) == 0 {
		return "[" + strings.Join(all, ", ") + "]"
	}
	indent := style[strings.Index(style, "\n"):strings.Index(style, `"`)]
	end := style[strings.LastIndex(style, "\n"):]
	return "[" + indent + strings.Join(all, ","+indent) + "," + end
}
