package constraint_test

import (
	"encoding/json"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/constraint/openapi"
)

// The schema is judged by a JSON Schema library: it takes what the constraint takes, and refuses what it can say.
func TestJSONSchema(t *testing.T) {
	value := cuecontext.New().CompileString(`#X: {
		name!: =~"^[a-z]+$"
		size?: "small" | "large"
		count?: int & >0 & <=5
		more?: [=~"^[a-z]+$"]: {on!: bool}
		list?: [...string]
		any?: {...}
	}`)
	c, err := cueparse.ParseDefinition(value.LookupPath(cue.ParsePath("#X")))
	require.NoError(t, err)
	text, err := json.Marshal(openapi.JSONSchema(c))
	require.NoError(t, err)
	compiled, err := jsonschema.CompileString("x.json", string(text))
	require.NoError(t, err, string(text))
	for data, legal := range map[string]bool{
		`{"name": "a"}`: true,
		`{"name": "a", "size": "large", "count": 5, "more": {"b": {"on": true}}, "list": ["x"], "any": {"z": 1}}`: true,
		`{}`:                                    false,
		`{"name": "A"}`:                         false,
		`{"name": "a", "nmae": 1}`:              false,
		`{"name": "a", "size": "tiny"}`:         false,
		`{"name": "a", "count": 0}`:             false,
		`{"name": "a", "count": 6}`:             false,
		`{"name": "a", "more": {"b": {}}}`:      false,
		`{"name": "a", "more": {"b": {"x":1}}}`: false,
		`{"name": "a", "list": [1]}`:            false,
	} {
		var v any
		require.NoError(t, json.Unmarshal([]byte(data), &v))
		require.Equal(t, legal, compiled.Validate(v) == nil, data)
	}
}
