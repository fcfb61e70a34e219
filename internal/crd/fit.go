package crd

import (
	"encoding/json"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"
)

// fit is a schema made ready to say quickly that a value certainly fits: nearly all do, and the schema library takes
// ten times as long, not counting its compiler. Where a fit is not sure the library judges, and says what is wrong.
type fit struct {
	types    []string
	enum     []any
	pattern  func() *regexp.Regexp
	names    *fit            // of an object's fields
	fields   map[string]*fit // by name
	others   *fit            // of the fields not in fields; nil with closed
	closed   bool
	required []string
	items    *fit
	keys     []any // the fields that make an item unique
	unique   bool
	all      []*fit
	bounds   map[string]float64
	unsure   bool // it has a keyword that only the library knows
}

// newFit reads a schema as strict makes it; one that is nil fits all.
func newFit(schema map[string]any) *fit {
	f := &fit{}
	for keyword, value := range schema {
		switch keyword {
		case "type":
			f.types = textsIn(value)
		case "enum":
			f.enum, _ = value.([]any)
			f.unsure = f.unsure || slices.ContainsFunc(f.enum, func(value any) bool { return !scalar(value) })
		case "pattern":
			pattern, _ := value.(string)
			f.pattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
		case "required":
			f.required = textsIn(value)
		case listMapKeys:
			f.keys, _ = value.([]any)
		case "uniqueItems":
			f.unique, _ = value.(bool)
		case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum":
			if f.bounds == nil {
				f.bounds = map[string]float64{}
			}
			f.bounds[keyword], _ = value.(float64)
		case "description":
		default:
			f.nest(keyword, value)
		}
	}
	return f
}

// nest reads the keywords that hold schemas themselves.
func (f *fit) nest(keyword string, value any) {
	inner, _ := value.(map[string]any)
	switch keyword {
	case "properties":
		f.fields = make(map[string]*fit, len(inner))
		for name, property := range inner {
			schema, _ := property.(map[string]any)
			f.fields[name] = newFit(schema)
		}
	case additionalProperties:
		if f.closed = value == false; !f.closed {
			f.others = newFit(inner)
		}
	case propertyNames:
		f.names = newFit(inner)
	case "items":
		f.items = newFit(inner)
	case "allOf":
		branches, _ := value.([]any)
		for _, branch := range branches {
			schema, _ := branch.(map[string]any)
			f.all = append(f.all, newFit(schema))
		}
	default:
		f.unsure = true
	}
}

// sure says whether the value certainly fits.
func (f *fit) sure(value any) bool {
	if f.unsure || f.enum != nil && !slices.Contains(f.enum, value) {
		return false
	}
	for _, branch := range f.all {
		if !branch.sure(value) {
			return false
		}
	}
	switch value := value.(type) {
	case map[string]any:
		return f.hasType("object") && f.sureOfFields(value)
	case []any:
		return f.hasType("array") && f.sureOfItems(value)
	case string:
		return f.hasType("string") && f.within("Length", float64(utf8.RuneCountInString(value))) &&
			(f.pattern == nil || f.pattern().MatchString(value))
	case bool:
		return f.hasType("boolean")
	case nil:
		return f.hasType("null")
	default:
		return f.sureOfNumber(value)
	}
}

// sureOfNumber leaves numbers that float64 cannot hold exactly to the library.
func (f *fit) sureOfNumber(value any) bool {
	switch value := value.(type) {
	case int:
		return f.sureOfNumber(int64(value))
	case int64:
		return int64(float64(value)) == value && f.hasType("integer", "number") && f.within("imum", float64(value))
	case float64:
		if float64(int64(value)) == value {
			return f.sureOfNumber(int64(value))
		}
		return f.hasType("number") && f.within("imum", value)
	default:
		return false
	}
}

func (f *fit) sureOfFields(fields map[string]any) bool {
	for _, name := range f.required {
		if _, found := fields[name]; !found {
			return false
		}
	}
	for name, value := range fields {
		field, found := f.fields[name]
		if !found {
			field = f.others
		}
		if !found && f.closed || field != nil && !field.sure(value) || f.names != nil && !f.names.sure(name) {
			return false
		}
	}
	return f.within("Properties", float64(len(fields)))
}

func (f *fit) sureOfItems(items []any) bool {
	if f.items != nil {
		for _, item := range items {
			if !f.items.sure(item) {
				return false
			}
		}
	}
	if len(items) > 1 && (f.keys != nil && !uniqueBy(f.keys, items) || f.unique && !uniqueTexts(items)) {
		return false
	}
	return f.within("Items", float64(len(items)))
}

func (f *fit) hasType(names ...string) bool {
	return f.types == nil || slices.ContainsFunc(names, func(name string) bool { return slices.Contains(f.types, name) })
}

func (f *fit) within(measure string, size float64) bool {
	if f.bounds == nil {
		return true
	}
	least, bound := f.bounds["min"+measure]
	if bound && size < least {
		return false
	}
	most, bound := f.bounds["max"+measure]
	return !bound || size <= most
}

// uniqueBy says whether no two objects among the items have the same values under all keys. A key that is left out
// counts as a value of its own: the API server would fill in its default first.
func uniqueBy(keys, items []any) bool {
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		fields, isObject := item.(map[string]any)
		if !isObject {
			continue // its type is judged elsewhere
		}
		var id string
		for _, key := range keys {
			name, _ := key.(string)
			value, _ := json.Marshal(fields[name]) //nolint:errchkjson // JSON data has no errors
			id += string(value) + "\n"
		}
		if seen[id] {
			return false
		}
		seen[id] = true
	}
	return true
}

func uniqueTexts(items []any) bool {
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		name, isText := item.(string)
		if !isText || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

func scalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	default:
		return true
	}
}

// textsIn reads a text or a list of texts.
func textsIn(value any) []string {
	if name, isText := value.(string); isText {
		return []string{name}
	}
	var names []string
	values, _ := value.([]any)
	for _, value := range values {
		if name, isText := value.(string); isText {
			names = append(names, name)
		}
	}
	return names
}
