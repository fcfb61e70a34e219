package kustomize

import (
	"bytes"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	k8syaml "sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// unkept finds text in an object that its printed form does not hold as it is: kustomize's printer takes the key << for a
// merge and some characters for the end of a line. printed is nil where it printed nothing.
func unkept(object manifest.Object, printed []byte) error {
	if !odd(object) {
		return nil
	}
	at, why := strange(object, "", func(key string) bool { return key == "" }) // no function is handed one
	if why == "" {
		at, why = strange(object, "", func(string) bool { return true })
		if why == "" {
			return nil
		}
		if text, err := k8syaml.YAMLToJSON(printed); printed != nil && err == nil {
			if again, err := decode(text); err == nil && manifest.Equal(object, again) {
				return nil
			}
		}
	}
	id := manifest.Identify(object)
	return finding.Findings{{Code: finding.OverlayFails, Object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}, Path: at,
		Message: "found " + why + ", which kustomize does not hand on as it is"}}
}

// strange is the first part of a value that may not be kept, and what is strange in it; empty where nothing is. wanted says
// which texts are looked at.
func strange(value any, at finding.Path, wanted func(text string) bool) (finding.Path, string) {
	switch v := value.(type) {
	case string:
		if wanted(v) {
			return at, strangeText(v)
		}
	case []any:
		for i, item := range v {
			if at, why := strange(item, at.Index(i), wanted); why != "" {
				return at, why
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			switch why := strangeText(key); {
			case !wanted(key):
			case key == "":
				return at, "an empty key"
			case key == "<<":
				return at.Keys(key), `the key "<<"`
			case len(key) > longKey:
				return at, "a key of " + finding.Count(len(key), "byte")
			case why != "":
				return at, why + " in a key"
			}
			if at, why := strange(v[key], at.Keys(key), wanted); why != "" {
				return at, why
			}
		}
	}
	return "", ""
}

func strangeText(text string) string {
	for _, r := range text {
		if r != '\n' && (r == utf8.RuneError || !unicode.IsPrint(r)) {
			return fmt.Sprintf("the character U+%04X", r)
		}
	}
	return ""
}

// manyDigits are more than every number of 64 bits keeps.
var manyDigits = regexp.MustCompile(`[0-9][0-9.]{15,}`)

// exact refuses what is lost when YAML is read: digits that 64 bits do not hold, the key << in quotes, which kustomize
// takes for a merge, and U+0085, which is an end of a line to YAML.
func exact(content []byte) error {
	if at := bytes.Index(content, []byte("\u0085")); at >= 0 {
		return finding.At(finding.Position{Line: 1 + bytes.Count(content[:at], []byte("\n")), Column: at - bytes.LastIndexByte(content[:at], '\n')},
			finding.OverlayFails, "found the character U+0085, which YAML reads as the end of a line")
	}
	if !manyDigits.Match(content) && !bytes.Contains(content, []byte("<<")) {
		return nil
	}
	for document, err := range manifest.Documents(content) {
		if err != nil {
			return nil // kustomize says what is no YAML
		}
		lost := inexact(document)
		switch {
		case lost == nil:
		case lost.Value == "<<":
			return finding.At(finding.Position{Line: lost.Line, Column: lost.Column}, finding.OverlayFails,
				`found the key "<<", which kustomize takes for a merge: what stands in it would vanish`)
		default:
			return finding.At(finding.Position{Line: lost.Line, Column: lost.Column}, finding.OverlayFails,
				"the number %s loses digits when it is read: write one that 64 bits hold, or a text in quotes", finding.Shorten(lost.Value, 72))
		}
	}
	return nil
}

// inexact is the first number that is another when it is read, or the first key that is none. Aliases lead to what was seen already.
func inexact(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.ScalarNode && (node.ShortTag() == "!!float" || node.ShortTag() == "!!int") && loses(strings.ReplaceAll(node.Value, "_", "")) {
		return node
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Value == "<<" && child.ShortTag() != "!!merge" {
			return child
		}
		if lost := inexact(child); lost != nil {
			return lost
		}
	}
	return nil
}

func loses(text string) bool {
	const longest = 400 // digits; longer ones would cost more than they say
	if len(text) > longest || strings.ContainsAny(text, "eE") {
		return len(text) > longest
	}
	written, ok := new(big.Rat).SetString(text)
	if !ok {
		return false
	}
	if whole := written.Num(); written.IsInt() && (whole.IsInt64() || whole.IsUint64()) && !strings.Contains(text, ".") {
		return false
	}
	float, _ := strconv.ParseFloat(text, 64)
	read, ok := new(big.Rat).SetString(strconv.FormatFloat(float, 'g', -1, 64))
	return ok && read.Cmp(written) != 0
}
