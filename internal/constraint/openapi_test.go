package constraint_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"cuelang.org/go/cue"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/constraint/openapi"
	"spokewright.dev/spokewright/internal/property"
)

func TestOpenAPI(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a definition with comments": {
			text: `
				// A database.
				//
				// It stays.
				#x: {
					// Which one.
					engine!: "postgres" | "mysql"
					// Gigabytes.
					storage: int & >=10 & <100
					ratio?: number & >0 & <=0.5
					port?: #Port
					labels?: [string]: =~"^a"
					name?: strings.MinRunes(1) & strings.MaxRunes(63) & =~"^[a-z]" & =~"z$" & !~"--"
					zone?: !="b"
					tags?: [...string]
					on?: bool
					...
				}
				// A port.
				#Port: uint16`,
			want: `{
				"type": "object", "description": "A database.\n\nIt stays.", "required": ["engine", "storage"],
				"x-kubernetes-preserve-unknown-fields": true,
				"properties": {
					"engine": {"type": "string", "enum": ["postgres", "mysql"], "description": "Which one."},
					"storage": {"type": "integer", "minimum": 10, "maximum": 100, "exclusiveMaximum": true, "description": "Gigabytes."},
					"ratio": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 0.5},
					"port": {"type": "integer", "minimum": 0, "maximum": 65535, "description": "A port."},
					"labels": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^a"}},
					"name": {"type": "string", "minLength": 1, "maxLength": 63, "pattern": "^[a-z]",
						"allOf": [{"pattern": "z$"}, {"not": {"pattern": "--"}}]},
					"zone": {"type": "string", "allOf": [{"not": {"enum": ["b"]}}]},
					"tags": {"type": "array", "items": {"type": "string"}},
					"on": {"type": "boolean"}
				}}`,
		},
		"alternatives of one type": {
			text: `#x: =~"^a" | =~"b$" | "c"`,
			want: `{"type": "string", "anyOf": [{"enum": ["c"]}, {"pattern": "^a"}, {"pattern": "b$"}]}`,
		},
		"alternatives of two types": {
			text: `#x: {port: string | int, more: bool | string | {}, auto: true | "auto"}`,
			want: `{"type": "object", "required": ["port", "more", "auto"], "properties": {
				"port": {"x-kubernetes-int-or-string": true},
				"more": {"x-kubernetes-preserve-unknown-fields": true},
				"auto": {"x-kubernetes-preserve-unknown-fields": true, "enum": [true, "auto"]}}}`,
		},
		"alternatives of structs": {
			text: `#x: {name!: string, {helm!: string} | {git!: int, name!: =~"a"}}`,
			want: `{"type": "object", "anyOf": [{"required": ["name", "helm"]}, {"required": ["name", "git"]}],
				"properties": {"helm": {"type": "string"}, "git": {"type": "integer"}, "name": {"type": "string"}}}`,
		},
		"null": {
			text: `#x: {a: null | string, b: null, c: null | "x"}`,
			want: `{"type": "object", "required": ["a", "c"], "properties": {
				"a": {"type": "string", "nullable": true},
				"b": {"x-kubernetes-preserve-unknown-fields": true, "nullable": true},
				"c": {"type": "string", "nullable": true}}}`,
		},
		"lists": {
			text: `#x: {a: [int, int], b: [int, ...string], c: [], d: [string, ...string], e: list.MaxItems(2) & [...{f: int}]}`,
			want: `{"type": "object", "required": ["a", "b", "d"], "properties": {
				"a": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
				"b": {"type": "array", "items": {"x-kubernetes-int-or-string": true}, "minItems": 1},
				"c": {"type": "array", "items": {"x-kubernetes-preserve-unknown-fields": true}, "maxItems": 0},
				"d": {"type": "array", "items": {"type": "string"}, "minItems": 1},
				"e": {"type": "array", "maxItems": 2, "items": {"type": "object", "required": ["f"], "properties": {"f": {"type": "integer"}}}}}}`,
		},
		"one alternative's pattern allows what another names": {
			text: `#x: {{[string]: int & >=-2} | {"a": -2}}`,
			want: `{"type": "object", "x-kubernetes-preserve-unknown-fields": true,
				"properties": {"a": {"x-kubernetes-preserve-unknown-fields": true}}}`,
		},
		"a forbidden field": {
			text: `#x: {a?: _|_, ...}`,
			want: `{"type": "object", "x-kubernetes-preserve-unknown-fields": true, "allOf": [{"not": {"required": ["a"]}}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := cueparse.ParseDefinition(cueText(test.text).LookupPath(cue.ParsePath("#x")))
			require.NoError(t, err)
			schema := openapi.Schema(c)
			got, err := json.Marshal(schema)
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(got))
			structural(t, schema)
		})
	}
}

// TestOpenAPINeverStricter: what Judge accepts, the schema accepts.
func TestOpenAPINeverStricter(t *testing.T) {
	for _, completed := range []bool{false, true} {
		accepted := 0
		property.Check(t, func(t *rapid.T) {
			g := generator{completed: completed}
			s := g.shape(t, 4)
			parse := cueparse.Parse
			if completed {
				parse = cueparse.ParseDefinition
			}
			c, err := parse(cueText(joinLines(append(g.defs, "#x: "+s.text))).LookupPath(cue.ParsePath("#x")))
			if err != nil {
				return
			}
			schema := openapi.Schema(c)
			structural(t, schema)
			judge := draft4(t, schema)
			for range 10 {
				value := s.near(t)
				if c.Holds(value) {
					accepted++
					require.NoError(t, judge.Validate(value), "%s\n%v\n%v\n%v", g.defs, s.text, schema, value)
				}
			}
		})
		require.Greater(t, accepted, 100)
	}
}

// draft4 makes a JSON Schema of an OpenAPI schema: only null needs to be said otherwise.
func draft4(t require.TestingT, schema map[string]any) *jsonschema.Schema {
	b, err := json.Marshal(nullable(schema))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft4
	require.NoError(t, compiler.AddResource("schema.json", bytes.NewReader(b)))
	compiled, err := compiler.Compile("schema.json")
	require.NoError(t, err, string(b))
	return compiled
}

func nullable(node any) any {
	switch x := node.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range x {
			m[key] = nullable(value)
		}
		if x["nullable"] == true {
			return map[string]any{"anyOf": []any{map[string]any{"type": "null"}, m}}
		}
		return m
	case []any:
		return each(x, nullable)
	}
	return node
}

// structural checks what Kubernetes demands of the schemas in a CustomResourceDefinition.
func structural(t require.TestingT, schema map[string]any) {
	open := schema["x-kubernetes-preserve-unknown-fields"] == true || schema["x-kubernetes-int-or-string"] == true
	require.True(t, open || schema["type"] != nil, "a type: %v", schema)
	if schema["type"] == "array" {
		require.Contains(t, schema, "items")
	}
	if schema["properties"] != nil {
		require.NotContains(t, schema, "additionalProperties")
	}
	for key, value := range schema {
		switch key {
		case "properties":
			for _, property := range value.(map[string]any) {
				structural(t, property.(map[string]any))
			}
		case "items", "additionalProperties":
			structural(t, value.(map[string]any))
		case "anyOf", "allOf":
			for _, arm := range value.([]any) {
				onlyChecks(t, arm.(map[string]any))
			}
		}
	}
}

func onlyChecks(t require.TestingT, schema map[string]any) {
	known := []string{"enum", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minLength", "maxLength",
		"minItems", "maxItems", "pattern", "required", "not", "allOf"}
	for key, value := range schema {
		require.True(t, slices.Contains(known, key), key)
		switch key {
		case "not":
			onlyChecks(t, value.(map[string]any))
		case "allOf":
			for _, arm := range value.([]any) {
				onlyChecks(t, arm.(map[string]any))
			}
		}
	}
}
