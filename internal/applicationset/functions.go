package applicationset

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	texttemplate "text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// list are the functions of a template: those of Go that can make much of little, sprig's, and Argo CD's own. What differs
// from call to call, or needs the clock of a machine, is refused.
func (r *renderer) list() texttemplate.FuncMap {
	all := map[string]any{
		"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln,
		"html": texttemplate.HTMLEscaper, "js": texttemplate.JSEscaper, "urlquery": texttemplate.URLQueryEscaper,
	}
	maps.Copy(all, sprig.GenericFuncMap())
	maps.Copy(all, map[string]any{
		"keys": sorted, "values": sortedValues,
		"normalize": normalized, "slugify": slugify,
		"toYaml": toYAML, "fromYaml": r.fromYAML, "fromYamlArray": r.fromYAMLArray,
	})
	for _, name := range withoutFunctions() {
		delete(all, name)
	}
	for name, function := range all {
		all[name] = r.budget.watch(name, function)
	}
	for _, name := range unsteady() {
		all[name] = func(...any) (string, error) {
			return "", unknown("what it generates cannot be told from here: a template calls %s, which gives something else each time or on each machine", name)
		}
	}
	return all
}

// unsteady are functions by which the controller makes something else each time, or by its clock and time zone.
func unsteady() []string {
	return []string{
		"now", "ago", "date", "dateInZone", "date_in_zone", "dateModify", "date_modify", "mustDateModify", "must_date_modify",
		"htmlDate", "htmlDateInZone", "toDate", "mustToDate", "unixEpoch", "durationRound",
		"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "shuffle", "uuidv4",
		"bcrypt", "htpasswd", "derivePassword", "encryptAES", "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert",
		"genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
	}
}

func sortedValues(of map[string]any) []any {
	var values []any
	for _, key := range sorted(of) {
		values = append(values, of[key])
	}
	return values
}

func toYAML(value any) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}

func (r *renderer) fromYAML(text string) (map[string]any, error) {
	value := map[string]any{}
	if err := r.yaml(text, &value); err != nil {
		return nil, err
	}
	return value, nil
}

func (r *renderer) fromYAMLArray(text string) ([]any, error) {
	value := []any{}
	if err := r.yaml(text, &value); err != nil {
		return nil, err
	}
	return value, nil
}

// slugify is a text as a part of a URL: [longest, [whether to cut between words,]] text.
func slugify(args ...any) (string, error) {
	longest, between, text := 50, true, ""
	for i, arg := range args {
		var ok bool
		switch {
		case i == len(args)-1:
			text, ok = arg.(string)
		case i == 0:
			longest, ok = arg.(int)
		case i == 1:
			between, ok = arg.(bool)
		default:
			ok = true
		}
		if !ok {
			return "", errors.New("slugify wants [length, [whether to cut between words,]] text")
		}
	}
	text = normalized(text)
	if !between && len(text) >= longest {
		if longest < 0 {
			return "", errors.New("slugify wants a length")
		}
		text = text[:longest]
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '.' })
	text = strings.Join(words, "-")
	if longest <= 0 || !between || len(text) <= longest {
		return text, nil
	}
	if at := strings.LastIndexByte(text[:longest+1], '-'); at >= 0 {
		return text[:at], nil
	}
	return text[:longest], nil
}

// growth is how many bytes a function makes of its arguments at most, where that is more than they are.
func growth(name string, args []reflect.Value) float64 {
	text := func(i int) string { return content(args[i]).String() }
	number := func(i int) float64 { return float64(args[i].Int()) }
	long := func(i int) float64 { return float64(len(text(i))) }
	switch name {
	case "repeat":
		return number(0) * long(1)
	case "until":
		return max(number(0), -number(0)) * 16
	case "untilStep":
		return max(number(1)-number(0), number(0)-number(1)) * 16
	case "seq":
		return span(args[0]) * 16
	case "indent", "nindent":
		return number(0) * float64(2+strings.Count(text(1), "\n"))
	case "wrapWith":
		return long(2) * (1 + long(1))
	case "replace":
		return float64(strings.Count(text(2), text(0))) * long(1)
	case "join":
		return float64(elements(args[1])) * (1 + long(0))
	case "regexReplaceAll", "mustRegexReplaceAll", "regexReplaceAllLiteral", "mustRegexReplaceAllLiteral":
		return (1 + long(1)) * long(2)
	case "printf":
		return widths(text(0), args[1])
	}
	return 0
}

// labour is how much a function has to do where that is more than to read its arguments.
func labour(name string, args []reflect.Value) float64 {
	switch name {
	case "uniq", "mustUniq":
		return float64(elements(args[0])) * float64(elements(args[0]))
	case "without", "mustWithout":
		return float64(elements(args[0])) * float64(elements(args[1]))
	}
	if strings.HasPrefix(name, "regex") || strings.HasPrefix(name, "mustRegex") {
		if name == "regexQuoteMeta" {
			return 0
		}
		pattern, err := syntax.Parse(args[0].String(), syntax.Perl)
		if err != nil {
			return 0
		}
		return states(pattern) * (100 + float64(len(args[1].String()))) / 4
	}
	return 0
}

// states is about how large the machine of a regular expression is.
func states(pattern *syntax.Regexp) float64 {
	count := 1 + float64(len(pattern.Rune))
	for _, sub := range pattern.Sub {
		count += states(sub)
	}
	if pattern.Op == syntax.OpRepeat {
		count *= float64(max(pattern.Min, pattern.Max, 1))
	}
	return count
}

// content is what an interface holds.
func content(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

func elements(v reflect.Value) int {
	if v = content(v); v.Kind() == reflect.Slice || v.Kind() == reflect.Array || v.Kind() == reflect.Map {
		return v.Len()
	}
	return 1
}

// span is how far apart numbers are, or the one from 0.
func span(numbers reflect.Value) float64 {
	all := []float64{0}
	for i := range numbers.Len() {
		all = append(all, float64(numbers.Index(i).Int()))
	}
	return slices.Max(all) - slices.Min(all)
}

var digits = regexp.MustCompile(`\d+`)

// widths are all numbers in a format, and those that it may take from its arguments.
func widths(format string, args reflect.Value) float64 {
	var sum float64
	for _, number := range digits.FindAllString(format, -1) {
		var n float64
		fmt.Sscan(number, &n) //nolint:errcheck // digits are a number
		sum += n
	}
	if strings.Contains(format, "*") {
		for i := range args.Len() {
			if v := content(args.Index(i)); v.CanInt() {
				sum += max(float64(v.Int()), -float64(v.Int()))
			}
		}
	}
	// %[1]s may say one argument again and again
	var m measure
	m.add(args, 0)
	return sum + float64(m.bytes)*float64(strings.Count(format, "["))
}
