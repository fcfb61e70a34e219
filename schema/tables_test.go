package schema

import (
	"fmt"
	"go/format"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// The tables say what CUE says; SPOKEWRIGHT_UPDATE=1 writes them anew. Where tables.go does not compile, since a type has
// changed, let its function return nothing first.
func TestTablesSayWhatCUESays(t *testing.T) {
	const file = "tables.go"
	want := interpreted(t)
	value, _ := evaluatedDefinitions(t)
	said := phrases(t, value)
	say(reflect.ValueOf(&want), said)
	forgetPositions(reflect.ValueOf(&want))
	text := tablesFile(t, want)
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, text, 0o644))
		return
	}
	require.Equal(t, want, tables(), "make tables")
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(text), string(got), "make tables")
}

// The rule of registries is made without CUE, and is what CUE would make.
func TestRegistryRuleIsWhatCUESays(t *testing.T) {
	want, err := cueparse.Parse(cuecontext.New().CompileString(`spec: {
		let known = =~"^(registry\\.example\\.com/shop|ghcr\\.io)/"
		containers: [...{image: known}], initContainers?: [...{image: known}], ephemeralContainers?: [...{image: known}]
	}`))
	require.NoError(t, err)
	forgetPositions(reflect.ValueOf(want))
	fleet := &FleetConfig{Registries: []string{"registry.example.com/shop", "ghcr.io"}, root: &cuefile.Node{}}
	require.Equal(t, want, fleet.registryRule().Require)
}

// interpreted are the definitions as CUE evaluates them.
func interpreted(t *testing.T) definitionTables {
	value, marks := evaluatedDefinitions(t)
	find := func(name string) cue.Value { return value.LookupPath(cue.ParsePath(name)) }
	definition := func(name string) *constraint.Constraint {
		c, err := cueparse.ParseDefinition(find(name))
		require.NoError(t, err, name)
		return c
	}
	tables := definitionTables{environment: definition("#Environment"), fleet: definition("#Fleet"), name: definition("#Name"), id: definition("#ID")}
	tables.claims, tables.statuses = map[string]*constraint.Constraint{}, map[string]*constraint.Constraint{}
	for _, kind := range claim.ClaimNames() {
		tables.claims[kind] = definition("#" + kind + "Claim")
		if find("#" + kind + "Status").Exists() {
			tables.statuses[kind] = definition("#" + kind + "Status")
		}
	}
	built := func(name string, opaque func([]string) bool) *cuefile.Node {
		n, err := cuefile.Embedded(ownDefaults, find(name), marks, opaque)
		require.NoError(t, err, name)
		require.True(t, n.IsValid(), name)
		return n
	}
	tables.shipped = plainData(t, built("defaults", isRequirement)).(map[string]any)
	tables.given = map[string][]Rule{}
	for field, named := range built("given", func(path []string) bool { return len(path) == 3 && path[2] == "require" }).Fields {
		for _, name := range slices.Sorted(maps.Keys(named.Fields)) {
			source := named.Fields[name]
			rule := Rule{Name: name, Action: "deny", Require: plainData(t, source.At("require")).(*constraint.Constraint), Position: finding.Position{File: ownDefaults}}
			require.NoError(t, decode(source, &rule))
			tables.given[field] = append(tables.given[field], rule)
		}
	}
	return tables
}

// evaluatedDefinitions are the embedded files as one CUE package.
func evaluatedDefinitions(t *testing.T) (cue.Value, *cueparse.Extraction) {
	instance := build.NewContext().NewInstance("schema", nil)
	marks := &cueparse.Extraction{}
	files, err := Definitions.ReadDir("definitions")
	require.NoError(t, err)
	for _, file := range files {
		text, err := Definitions.ReadFile("definitions/" + file.Name())
		require.NoError(t, err)
		syntax, err := parser.ParseFile(file.Name(), text, parser.ParseComments)
		require.NoError(t, err)
		cuefile.ExtractRules(syntax, marks)
		require.NoError(t, instance.AddSyntax(syntax))
	}
	require.NoError(t, instance.Complete())
	value := cuecontext.New().BuildInstance(instance)
	require.NoError(t, value.Validate())
	return value, marks
}

// plainData is a node without its positions; a rule is compiled.
func plainData(t *testing.T, n *cuefile.Node) any {
	switch {
	case n.IsConstraint():
		c, problems := requirement(n, nil)
		require.Empty(t, problems)
		return c
	case n.Fields != nil:
		data := map[string]any{}
		for name, below := range n.Fields {
			data[name] = plainData(t, below)
		}
		return data
	case n.Items != nil:
		data := make([]any, len(n.Items))
		for i, below := range n.Items {
			data[i] = plainData(t, below)
		}
		return data
	}
	return n.Scalar
}

// phrases are what the definitions say to people of their patterns, as in #Name: =~"..." @says("..."), by what the
// constraints say themselves.
func phrases(t *testing.T, value cue.Value) map[string]string {
	all := map[string]string{}
	fields, err := value.Fields(cue.Definitions(true))
	require.NoError(t, err)
	for fields.Next() {
		attribute := fields.Value().Attribute("says")
		if attribute.Err() != nil {
			continue
		}
		phrase, err := attribute.String(0)
		require.NoError(t, err)
		c, err := cueparse.Parse(fields.Value())
		require.NoError(t, err)
		require.NotContains(t, all, c.String(), "one pattern has one phrase")
		all[c.String()] = phrase
		for _, example := range regexp.MustCompile(`"[^"]+"`).FindAllString(phrase, -1) {
			require.True(t, c.Holds(strings.Trim(example, `"`)), "%s: %s is no example", fields.Selector(), example)
		}
	}
	require.NotEmpty(t, all)
	return all
}

// say gives constraints their phrases.
func say(v reflect.Value, phrases map[string]string) {
	walk(v, func(v reflect.Value) {
		if c, is := v.Addr().Interface().(*constraint.Constraint); is {
			c.Phrase = phrases[c.String()]
		}
	})
}

// Whoever breaks a pattern of a spec reads words and no regular expression.
func TestFault10EveryPatternHasItsPhrase(t *testing.T) {
	for _, file := range []string{"environment.cue", "fleet.cue"} {
		text, err := Definitions.ReadFile("definitions/" + file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, `=~"`) {
				require.Regexp(t, `^#[A-Za-z]+: =~".*@says\(".*"\)$`, strings.TrimSpace(line), "a pattern has a name, and stands once")
			}
		}
	}
	tables := tables()
	for _, of := range []*constraint.Constraint{tables.environment, tables.fleet} {
		walk(reflect.ValueOf(of), func(v reflect.Value) {
			if c, is := v.Addr().Interface().(*constraint.Constraint); is && len(c.Match) > 0 {
				require.NotEmpty(t, c.Phrase, c.String())
			}
		})
	}
}

// walk visits every struct in a value, which is not shared.
func walk(v reflect.Value, visit func(v reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if _, pattern := v.Interface().(*regexp.Regexp); !pattern && !v.IsNil() {
			walk(v.Elem(), visit)
		}
	case reflect.Struct:
		if v.CanAddr() {
			visit(v)
		}
		for i := range v.NumField() {
			field := v.Field(i)
			if v.Type() == reflect.TypeFor[definitionTables]() { // of fields that are not exported
				field = reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
			}
			if field.CanInterface() {
				walk(field, visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			walk(v.MapIndex(key), visit)
		}
	}
}

// forgetPositions takes out of a value where its parts are written in CUE, and lists of patterns without any.
func forgetPositions(v reflect.Value) {
	walk(v, func(v reflect.Value) {
		for i := range v.NumField() {
			switch field := v.Field(i); {
			case field.Type() == reflect.TypeFor[token.Pos]():
				field.SetZero()
			case field.Type() == reflect.TypeFor[[]constraint.Pattern]() && field.Len() == 0:
				field.SetZero()
			}
		}
	})
}

// tablesFile is the text of tables.go.
func tablesFile(t *testing.T, tables definitionTables) []byte {
	p := &tablePrinter{known: map[string]*sharedText{}}
	body := p.print(reflect.ValueOf(tables))
	all := body
	for _, shared := range p.order {
		all += shared.text
	}
	variables := 0
	for _, shared := range p.order {
		if strings.Count(all, shared.mark) > 1 {
			variables++
			shared.name = fmt.Sprintf("c%d", variables)
		}
	}
	var text strings.Builder
	text.WriteString("// Code generated by \"make tables\" from the definitions in CUE. DO NOT EDIT.\n\npackage schema\n\n" +
		"import (\n\t\"regexp\"\n\n\t\"spokewright.dev/spokewright/internal/constraint\"\n\t\"spokewright.dev/spokewright/internal/finding\"\n)\n\nfunc tables() definitionTables {\n")
	for _, shared := range p.order {
		if shared.name != "" {
			text.WriteString(shared.name + " := " + p.resolve(shared.text) + "\n")
		}
	}
	text.WriteString("return " + p.resolve(body) + "\n}\n")
	formatted, err := format.Source([]byte(text.String()))
	require.NoError(t, err)
	return formatted
}

// tablePrinter writes values as Go. What stands in more than one place becomes a variable.
type tablePrinter struct {
	known map[string]*sharedText
	order []*sharedText // each after those in it
}

type sharedText struct {
	text, mark string
	name       string // of its variable; "" where it stands in one place alone
}

func (p *tablePrinter) share(text string) string {
	shared := p.known[text]
	if shared == nil {
		shared = &sharedText{text: text, mark: fmt.Sprintf("\x00%d\x00", len(p.order))}
		p.known[text] = shared
		p.order = append(p.order, shared)
	}
	return shared.mark
}

// resolve puts names or texts where marks stand.
func (p *tablePrinter) resolve(text string) string {
	return regexp.MustCompile("\x00[0-9]+\x00").ReplaceAllStringFunc(text, func(mark string) string {
		i, _ := strconv.Atoi(strings.Trim(mark, "\x00"))
		if shared := p.order[i]; shared.name != "" {
			return shared.name
		}
		return p.resolve(p.order[i].text)
	})
}

func (p *tablePrinter) print(v reflect.Value) string {
	name := strings.NewReplacer("schema.", "", "interface {}", "any").Replace(v.Type().String())
	switch v.Kind() {
	case reflect.Uint8:
		return kindsText(constraint.Kinds(v.Uint()))
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*regexp.Regexp]() {
			return p.share(fmt.Sprintf("regexp.MustCompile(%q)", (*regexp.Regexp)(v.UnsafePointer())))
		}
		if v.Elem().Kind() != reflect.Struct {
			return "new(" + p.print(v.Elem()) + ")"
		}
		text := "&" + p.print(v.Elem())
		if v.Type() == reflect.TypeFor[*constraint.Constraint]() {
			return p.share(text)
		}
		return text
	case reflect.Interface:
		return p.print(v.Elem())
	case reflect.Struct:
		var fields []string
		for i := range v.NumField() {
			if field := v.Field(i); !field.IsZero() && field.Type() != reflect.TypeFor[token.Pos]() {
				fields = append(fields, v.Type().Field(i).Name+": "+p.print(field))
			}
		}
		return name + "{" + strings.Join(fields, ", ") + "}"
	case reflect.Slice:
		text := name + "{"
		for i := range v.Len() {
			item := p.print(v.Index(i))
			if v.Type().Elem().Kind() == reflect.Struct {
				item = strings.TrimPrefix(item, strings.TrimPrefix(name, "[]"))
			}
			text += item + ", "
		}
		return text + "}"
	case reflect.Map:
		text := name + "{\n"
		for _, key := range slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }) {
			text += fmt.Sprintf("%q: %s,\n", key, p.print(v.MapIndex(key)))
		}
		return text + "}"
	case reflect.String, reflect.Bool:
		return fmt.Sprintf("%#v", v)
	case reflect.Int:
		if v.Type() == reflect.TypeFor[constraint.Presence]() {
			return []string{"constraint.Optional", "constraint.Required", "constraint.Forbidden"}[v.Int()]
		}
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%s(%v)", name, v)
}

func kindsText(kinds constraint.Kinds) string {
	if kinds == constraint.Any {
		return "constraint.Any"
	}
	var names []string
	for i, name := range []string{"Null", "Bool", "Int", "Float", "String", "List", "Map"} {
		if kinds&(1<<i) != 0 {
			names = append(names, "constraint."+name)
		}
	}
	return strings.Join(names, " | ")
}
