package crd

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

// buoy is a CRD with one of everything that strict must understand.
const buoy = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: buoys.sea.example.com}
spec:
  group: sea.example.com
  scope: Namespaced
  names: {kind: Buoy, plural: buoys}
  versions:
    - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object, properties: {name: {type: string, maxLength: 8, pattern: "^b"}}}
            status: {type: object, properties: {lit: {type: boolean}}}
            spec:
              type: object
              required: [colour, depth]
              properties:
                colour: {type: string, enum: [red, green]}
                flag: {type: string, nullable: true}
                depth: {type: integer, minimum: 0, exclusiveMinimum: true, maximum: 90, default: 5}
                size: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                seen: {type: string, format: date-time}
                drawn: {type: string, format: day-of-week}
                count: {type: integer, format: int32}
                tags: {type: object, additionalProperties: {type: string}}
                empty: {type: object}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object, properties: {a: {type: string}}}}}
                inner: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
                lamps: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id], items: {type: object, required: [id], properties: {id: {type: string}, lit: {type: boolean}}}}
                names: {type: array, x-kubernetes-list-type: set, items: {type: string}}
                moored: {type: object, properties: {chain: {type: string}, rope: {type: string}}, oneOf: [{required: [chain]}, {required: [rope]}]}
                angle: {type: number, minimum: 0, maximum: 360, exclusiveMaximum: true, multipleOf: 0.5}
                chart: {type: object, x-kubernetes-preserve-unknown-fields: true, anyOf: [{properties: {sheets: {items: {minimum: 1}}}, required: [sheets]}, {required: [any]}], properties: {sheets: {type: array, items: {type: integer}}}}
                sound: {type: string, not: {enum: [silence]}}
                additionalProperties: {type: object, properties: {anyOf: {type: string}}}
`

func buoySet(t *testing.T) *Set {
	t.Helper()
	var crd map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(buoy), &crd))
	schemas, err := FromCRD(crd)
	require.NoError(t, err)
	require.Len(t, schemas, 1, "v1alpha1 is not served")
	return NewSet(schemas...)
}

func parse(t *testing.T, text string) manifest.Object {
	t.Helper()
	var object manifest.Object
	require.NoError(t, yaml.Unmarshal([]byte(text), &object))
	return object
}

// judgeBuoy gives the findings on a Buoy with these fields in its spec, as text; its colour is red unless they say so.
func judgeBuoy(t *testing.T, set *Set, fields string) []string {
	t.Helper()
	object := parse(t, "{apiVersion: sea.example.com/v1, kind: Buoy, metadata: {name: b1, namespace: sea}, spec: {"+fields+"}}")
	spec, _ := object["spec"].(map[string]any)
	if _, found := spec["colour"]; !found {
		spec["colour"] = "red"
	}
	findings := set.Check(object)
	found := make([]string, 0, len(findings))
	for _, f := range findings {
		found = append(found, f.String())
	}
	return found
}

func TestStrictAllowsWhatTheAPIServerAllows(t *testing.T) {
	set := buoySet(t)
	for spec, reason := range map[string]string{
		``:           "depth is required and has a default",
		`depth: 1`:   "within the bounds",
		`flag: null`: "nullable",
		`inner: {apiVersion: v1, kind: A, metadata: {name: "A:b"}}`: "a ClusterRole may have such a name",
		`size: 5`:                             "int or string",
		`size: 5m`:                            "int or string",
		`seen: "2027-03-01T00:00:00Z"`:        "a date-time",
		`drawn: whenever`:                     "an unknown format says nothing",
		`tags: {a: b}`:                        "additionalProperties",
		`empty: {}`:                           "an object without fields",
		`free: {any: [thing], known: {a: b}}`: "unknown fields are preserved",
		`inner: {apiVersion: v1, kind: ConfigMap, data: {a: b}}`:               "an embedded object needs no metadata",
		`inner: {apiVersion: v1, kind: ConfigMap, metadata: {labels: {a: b}}}`: "nor a name in it",
		`lamps: [{id: a}, {id: b}]`:                                            "different keys",
		`angle: 359.5`:                                                         "below the bound",
		`chart: {sheets: [1, 2]}`:                                              "the first branch",
		`chart: {any: text}`:                                                   "the second branch",
		`sound: bell`:                                                          "not what is ruled out",
		`names: [a, b]`:                                                        "a set",
		`angle: 0`:                                                             "on the bound",
		`moored: {chain: a}`:                                                   "one of two",
		`additionalProperties: {anyOf: a}`:                                     "fields may bear keywords' names",
	} {
		assert.Empty(t, judgeBuoy(t, set, spec), "%s: %s", spec, reason)
	}
}

func TestStrictRefusesWhatTheAPIServerRefuses(t *testing.T) {
	set := buoySet(t)
	for spec, finding := range map[string]string{
		`colour: blue`:                         `spec.colour: found "blue", allowed is "red" or "green"`,
		`depth: 0`:                             `spec.depth: found 0, allowed is more than 0`,
		`depth: -1`:                            `spec.depth: found -1, allowed is more than 0`,
		`depth: 91`:                            `spec.depth: found 91, allowed is at most 90`,
		`depth: deep`:                          `spec.depth: found "deep", allowed is a whole number`,
		`depth: null`:                          `spec.depth: found null, allowed is a whole number`,
		`depth: 1.5`:                           `spec.depth: found 1.5, allowed is a whole number`,
		`size: true`:                           `spec.size: found true, allowed is a whole number or a string`,
		`seen: yesterday`:                      `spec.seen: found "yesterday", allowed is a date-time (RFC 3339)`,
		`seen: 5`:                              `spec.seen: found 5, allowed is a string`,
		`count: 2147483648`:                    `spec.count: found 2147483648, allowed is at most 2147483647`,
		`tags: {a: true}`:                      `spec.tags.a: found true, allowed is a string`,
		`tags: {"b.c/d": 1}`:                   `spec.tags["b.c/d"]: found 1, allowed is a string`,
		`empty: {a: 1}`:                        `spec.empty.a: no such field`,
		`free: {known: {b: 1}}`:                `spec.free.known.b: no such field (allowed are a)`,
		`inner: {apiVersion: v1, kind: "A b"}`: `spec.inner.kind: found "A b", allowed is a kind: letters, digits and -`,
		`inner: {apiVersion: v1, kind: A, metadata: {name: a/b}}`: `spec.inner.metadata.name: found "a/b", allowed is a text without / and %`,
		`inner: {kind: A}`: `spec.inner.apiVersion: missing: it is required`,
		`inner: {apiVersion: v1, kind: A, metadata: {label: {}}}`: `spec.inner.metadata.label: no such field; did you mean "labels"?`,
		`lamps: [{id: a}, {id: a, lit: true}]`:                    `spec.lamps: found [{"id":"a"},{"id":"a","lit":true}], allowed is no two items with the same id`,
		`lamps: [{id: a, litt: true}]`:                            `spec.lamps[0].litt: no such field; did you mean "lit"?`,
		`names: [a, a]`:                                           `spec.names: found ["a","a"], allowed is no item twice`,
		`angle: 360`:                                              `spec.angle: found 360, allowed is less than 360`,
		`angle: 0.3`:                                              `spec.angle: found 0.3, allowed is a multiple of 0.5`,
		`angle: -0.5`:                                             `spec.angle: found -0.5, allowed is at least 0`,
		`chart: {sheets: [0]}`:                                    `spec.chart: found {"sheets":[0]}, allowed is at least one of the 2 forms that the API's schema gives`,
		`sound: silence`:                                          `spec.sound: found "silence", allowed is what the API's schema says of it under not`,
		`moored: {}`:                                              `spec.moored: found {}, allowed is exactly one of chain, rope`,
		`moored: {chain: a, rope: b}`:                             `spec.moored: found {"chain":"a","rope":"b"}, allowed is exactly one of chain, rope`,
		`additionalProperties: {anyOf: 1}`:                        `spec.additionalProperties.anyOf: found 1, allowed is a string`,
		`additionalProperties: {zzzzzz: 1}`:                       `spec.additionalProperties.zzzzzz: no such field (allowed are anyOf)`,
	} {
		assert.Equal(t, []string{"Buoy sea/b1: " + finding}, judgeBuoy(t, set, spec), spec)
	}
}

func TestMetadataIsJudgedAsTheAPIServerDoes(t *testing.T) {
	set := buoySet(t)
	for metadata, expected := range map[string][]string{
		`{name: b1}`: nil,
		`{name: b1, namespace: sea, labels: {example.com/a: b-c_d.e, plain: ""}, annotations: {Example.com/a: any text}, finalizers: [a.b/c], creationTimestamp: null}`: nil,
		`{}`:                                          {"metadata.name: missing: it is required"},
		`{generateName: b-}`:                          {"metadata.name: missing: it is required"},
		`{name: B1}`:                                  {`metadata.name: found "B1", allowed is a DNS subdomain: lower case, digits, - and .`, `metadata.name: found "B1", allowed is a text that matches ^b`},
		`{name: b12345678}`:                           {`metadata.name: found "b12345678", allowed is at most 8 characters`},
		`{name: b1, label: {}}`:                       {`metadata.label: no such field; did you mean "labels"?`},
		`{name: b1, labels: {lit: true}}`:             {`metadata.labels.lit: found true, allowed is a string`},
		`{name: b1, labels: {a: "x y"}}`:              {`metadata.labels.a: found "x y", allowed is a text of letters, digits, -, _ and . (at most 63)`},
		`{name: b1, labels: {a/b/c: x}}`:              {`metadata.labels["a/b/c"]: found "a/b/c", allowed is a label's key: [prefix/]name, the name at most 63 characters`},
		`{name: b1, annotations: {a: 1}}`:             {`metadata.annotations.a: found 1, allowed is a string`},
		`{name: b1, namespace: a.b}`:                  {`metadata.namespace: found "a.b", allowed is a DNS label: lower case, digits and -`},
		`{name: b1, finalizers: ["a b"]}`:             {`metadata.finalizers[0]: found "a b", allowed is a finalizer: [prefix/]name, the name at most 63 characters`},
		`{name: b1, ownerReferences: [{kind: Buoy}]}`: {"metadata.ownerReferences[0].apiVersion: missing: it is required", "metadata.ownerReferences[0].name: missing: it is required", "metadata.ownerReferences[0].uid: missing: it is required"},
	} {
		object := parse(t, "{apiVersion: sea.example.com/v1, kind: Buoy, spec: {colour: red}, metadata: "+metadata+"}")
		var found []string
		for _, f := range set.Check(object) {
			f.Object = finding.Object{}
			found = append(found, f.String())
		}
		assert.Equal(t, expected, found, metadata)
	}
}

func TestAnObjectNeedsMetadataAndWhatItsAPIRequires(t *testing.T) {
	findings := buoySet(t).Check(parse(t, "{apiVersion: sea.example.com/v1, kind: Buoy}"))
	found := make([]string, 0, len(findings))
	for _, f := range findings {
		found = append(found, f.String())
	}
	assert.Equal(t, []string{"Buoy: metadata: missing: it is required", "Buoy: spec: missing: it is required"}, found)
}

func TestClusterScopedObjectsNameNoNamespace(t *testing.T) {
	policy := manifesttest.Documents(t, "testdata/kyverno.yaml")[0]
	policy["metadata"].(map[string]any)["namespace"] = "harbour-north"
	findings := Embedded().Check(policy)
	require.Len(t, findings, 1)
	assert.Equal(t, "metadata.namespace", string(findings[0].Path))
	assert.Contains(t, findings[0].Message, "allowed is no namespace: the kind is cluster-scoped")
}

func TestFromCRDRefusesWhatIsNoCRD(t *testing.T) {
	for change, fault := range map[string]string{
		`{kind: ConfigMap}`: `kind is "ConfigMap", not CustomResourceDefinition`,
		`{kind: CustomResourceDefinition, metadata: {name: a}}`:                                                                                                                                                                        "crd a: spec.group and spec.names.kind are needed",
		`{kind: CustomResourceDefinition, metadata: {name: a}, spec: {group: g, names: {kind: K}, versions: [{name: v1, served: false}]}}`:                                                                                             "crd a: no version is served",
		`{kind: CustomResourceDefinition, metadata: {name: a}, spec: {group: g, names: {kind: K}, versions: [{name: v1, served: true}]}}`:                                                                                              "crd a: version v1: schema.openAPIV3Schema is missing",
		`{kind: CustomResourceDefinition, metadata: {name: a}, spec: {group: g, names: {kind: K}, versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: string, pattern: "("}}}}}]}}`: "crd a: version v1: jsonschema",
	} {
		_, err := FromCRD(parse(t, change))
		assert.ErrorContains(t, err, fault)
	}
}
