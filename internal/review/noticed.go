package review

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Noticed are the paths of the texts in values that look like secrets, by their keys or by themselves: those that a review
// does not show. What only names the place of a secret is none.
func Noticed(values map[string]any) [][]string { return noticedIn(values, spot{}) }

// NoticedInFile is Noticed for what stands in a file: an object, or a patch in one of its two forms. Of a Secret all of its
// data counts but what Argo CD keeps in one and shows to everybody.
func NoticedInFile(document any) [][]string {
	object, _ := document.(map[string]any)
	at := spot{kind: manifest.Identify(object).Kind, top: true}
	switch _, encrypted := object["sops"]; {
	case encrypted, at.kind == "SealedSecret", at.kind == "CustomResourceDefinition", at.kind == "CompositeResourceDefinition", at.kind == "Composition":
		return nil // it is encrypted, or says which fields there are and which go where
	case at.kind == "Secret" && manifest.TextAt(object, "metadata", "labels", "argocd.argoproj.io/secret-type") != "":
		at.kind = ""
	}
	return noticedIn(document, at)
}

// NoticedLines are the lines of a text, from 1, that hold what looks like a secret.
func NoticedLines(text string) []int {
	var lines []int
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimRight(line, "\r\n"); within(line, &cover{}) != line && !refers(value(line)) {
			lines = append(lines, number)
		}
	}
	return lines
}

// value is what a line gives to a key.
func value(line string) string {
	_, behind, _ := strings.Cut(line, "=")
	return behind
}

func noticedIn(values any, at spot) [][]string {
	var paths [][]string
	notice(values, cleanValue(values, at, &cover{}), nil, func(path []string) { paths = append(paths, path) })
	return paths
}

// pointing is a text that stands for a secret which is somewhere else: a variable, a template, the way to a store, or
// what SOPS has encrypted; and AWS's names of things, which are none.
var pointing = regexp.MustCompile(`^\s*["']?(?:\$\([A-Za-z0-9_.]+\)|\$\{?[A-Za-z0-9_.]+\}?|\{\{[^{}]*\}\}|<path:[^>]*>|(?:ref\+|vault:|op:)\S+|arn:aws[a-z-]*:\S+|ENC\[[A-Z0-9_]+,[^\]]*\])["']?\s*$`)

func refers(text string) bool { return pointing.MatchString(text) }

// notice gives the paths at which a value is shown otherwise than it is.
func notice(value, shown any, at []string, give func(path []string)) {
	at = slices.Clip(at)
	switch value := value.(type) {
	case map[string]any:
		other, _ := shown.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			notice(value[name], other[name], append(at, name), give)
		}
	case []any:
		other, _ := shown.([]any)
		for i := range value {
			if i < len(other) {
				notice(value[i], other[i], append(at, strconv.Itoa(i)), give)
			}
		}
	case string:
		if value != shown && !refers(value) {
			give(at)
		}
	}
}
