package kustomize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	ours  = "{apiVersion: spokewright.dev/v1alpha1, kind: Pattern, metadata: {name: p}, spec: {tell: told}}"
	judge = "{apiVersion: spokewright.dev/v1alpha1, kind: Guard, metadata: {name: g}, spec: {drop: [ConfigMap]}}"
)

// Each tree is refused on both ways, with one line that names file and line.
func TestRefusals(t *testing.T) {
	cases := map[string]struct{ tree, want string }{
		"no folder":             {"-- b/c --\n", "a: no such folder"},
		"a file":                {"-- a --\n", "a: a file; a build needs a folder"},
		"no kustomization file": {"-- a/b.yaml --\n", "a: no kustomization.yaml in this folder"},
		"two kustomization files": {
			"-- a/kustomization.yaml --\nresources: []\n-- a/Kustomization --\nresources: []\n",
			"a: more than one kustomization file: a/kustomization.yaml, a/Kustomization",
		},
		"base without a kustomization file": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/x.yaml --\n", "b: no kustomization.yaml in this folder",
		},
		"key set twice": {
			"-- a/kustomization.yaml --\nconfigMapGenerator: [{name: a}]\nresources: []\nconfigMapGenerator: [{name: b}]\n",
			"a/kustomization.yaml:3:1: configMapGenerator is set twice, first in line 1",
		},
		"key set twice in other letters": {
			"-- a/kustomization.yaml --\nresources: []\nResources: []\n", "a/kustomization.yaml:2:1: Resources is set twice",
		},
		"key set twice deep down": {
			"-- a/kustomization.yaml --\nimages:\n- name: a\n  newTag: b\n  name: c\n", "a/kustomization.yaml:4:3: name is set twice",
		},
		"unknown field": {
			"-- a/kustomization.yaml --\nresources: []\nresource: [a]\n",
			`a/kustomization.yaml:2:1: invalid Kustomization: json: unknown field "resource"`,
		},
		"empty kustomization": {"-- a/kustomization.yaml --\nkind: Kustomization\n", "a/kustomization.yaml: kustomization.yaml is empty"},
		"not a kustomization": {"-- a/kustomization.yaml --\nkind: Pod\nresources: [a]\n", "a/kustomization.yaml: kind should be Kustomization"},
		"no such resource": {
			"-- a/kustomization.yaml --\nresources:\n- x.yaml\n", "a/kustomization.yaml:2:3: resources: no file or folder a/x.yaml",
		},

		"base in a repository": {
			"-- a/kustomization.yaml --\nresources:\n- github.com/example/repo//base?ref=v1\n",
			"a/kustomization.yaml:2:3: github.com/example/repo//base?ref=v1 is remote",
		},
		"base over ssh":             {"-- a/kustomization.yaml --\nbases: [git@example.com:x/y]\n", "a/kustomization.yaml:1:9: git@example.com:x/y is remote"},
		"component over https":      {"-- a/kustomization.yaml --\ncomponents: [https://example.com/x/y.git]\n", "kustomization.yaml:1:14: https"},
		"base over file":            {"-- a/kustomization.yaml --\nresources: ['file:///tmp/x']\n", "is remote"},
		"resource over https":       {"-- a/kustomization.yaml --\nresources: ['HTTPS://example.com/x.yaml']\n", "is remote"},
		"patch over https":          {"-- a/kustomization.yaml --\npatches:\n- path: https://example.com/x.yaml\n", "a/kustomization.yaml:2:9: https"},
		"old patch over http":       {"-- a/kustomization.yaml --\npatchesStrategicMerge: ['http://example.com/x.yaml']\n", "is remote"},
		"openapi over https":        {"-- a/kustomization.yaml --\nopenapi: {path: 'https://example.com/x.yaml'}\n", "is remote"},
		"crds over https":           {"-- a/kustomization.yaml --\ncrds: ['https://example.com/x.yaml']\n", "is remote"},
		"configurations over https": {"-- a/kustomization.yaml --\nconfigurations: ['https://example.com/x.yaml']\n", "is remote"},
		"replacements over https":   {"-- a/kustomization.yaml --\nreplacements: [{path: 'https://example.com/x.yaml'}]\n", "is remote"},
		"config map over https": {
			"-- a/kustomization.yaml --\nconfigMapGenerator: [{name: a, files: ['k=https://example.com/x.yaml']}]\n", "is remote",
		},
		"function over https": {"-- a/kustomization.yaml --\ngenerators: ['https://example.com/x.yaml']\n", "is remote"},
		"remote by anchor": {
			"-- a/kustomization.yaml --\ncommonAnnotations: {a: &a 'https://example.com/x.yaml'}\nresources: [*a]\n", "is remote",
		},
		"remote in a base": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: ['https://example.com/x.yaml']\n",
			"b/kustomization.yaml:1:13: https",
		},
		"remote in a builtin plugin": {
			"-- a/kustomization.yaml --\ntransformers: [p.yaml]\n-- a/p.yaml --\n\napiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: https://example.com/x.yaml\n",
			"a/p.yaml:2: https://example.com/x.yaml is remote",
		},
		"helm":     {"-- a/kustomization.yaml --\nresources: []\nhelmCharts: [{name: x, repo: 'https://example.com'}]\n", "a/kustomization.yaml:2:1: helm"},
		"old helm": {"-- a/kustomization.yaml --\nhelmChartInflationGenerator: [{chartName: x}]\n", "a/kustomization.yaml:1:1: helm"},
		"helm as a generator": {
			"-- a/kustomization.yaml --\ngenerators: [h.yaml]\n-- a/h.yaml --\napiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n",
			"a/h.yaml:1: HelmChartInflationGenerator: helm",
		},
		"foreign function": {
			"-- a/kustomization.yaml --\ngenerators: [f.yaml]\n-- a/f.yaml --\n# c\napiVersion: example.com/v1\nkind: F\nmetadata: {name: f, annotations: {config.kubernetes.io/function: 'exec: {path: spokewright}'}}\n",
			"a/f.yaml:2: F of example.com/v1 is not one of Spokewright's own functions",
		},
		"foreign function inline": {
			"-- a/kustomization.yaml --\ntransformers:\n- '{apiVersion: example.com/v1, kind: F, metadata: {name: f}}'\n",
			"a/kustomization.yaml:2:3: F of example.com/v1 is not",
		},
		"foreign function as validator": {
			"-- a/kustomization.yaml --\nvalidators: [f.yaml]\n-- a/f.yaml --\n{apiVersion: v1, kind: ConfigMap, metadata: {name: f}}\n",
			"a/f.yaml:1: ConfigMap of v1 is not",
		},
		"group that only looks like ours": {
			"-- a/kustomization.yaml --\ngenerators: [f.yaml]\n-- a/f.yaml --\n{apiVersion: x.spokewright.dev/v1, kind: Pattern, metadata: {name: f}}\n",
			"is not one of Spokewright's",
		},
		"function annotation that kustomize cannot read": {
			"-- a/kustomization.yaml --\ngenerators: [f.yaml]\n-- a/f.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: f, annotations: {config.kubernetes.io/function: 'exce: {}'}}}\n",
			`a/f.yaml:1: Pattern f: config.kubernetes.io/function unmarshal error`,
		},
		"our function as validator": {
			"-- a/kustomization.yaml --\nvalidators: [g.yaml]\n-- a/g.yaml --\n" + judge + "\n", "a/g.yaml:1: validators: kustomize breaks functions there",
		},
		"our transformer is not the last": {
			"-- a/kustomization.yaml --\ntransformers: [g.yaml, l.yaml]\n-- a/g.yaml --\n" + judge + "\n-- a/l.yaml --\n{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: p}, prefix: x}\n",
			"a/g.yaml:1: transformers: Guard comes before a plugin of kustomize",
		},
		"our generator before a builtin one": {
			"-- a/kustomization.yaml --\ngenerators: [g.yaml, l.yaml]\n-- a/g.yaml --\n" + ours + "\n-- a/l.yaml --\n{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: p}}\n",
			"a/g.yaml:1: generators: Pattern comes before a plugin of kustomize",
		},
		"ours and builtin in one file": {
			"-- a/kustomization.yaml --\ngenerators: [g.yaml]\n-- a/g.yaml --\n{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: p}}\n---\n" + ours + "\n",
			"a/kustomization.yaml:1:14: generators: Spokewright's functions and plugins of kustomize in one entry",
		},
		"our transformer in a component": {
			"-- a/kustomization.yaml --\ncomponents: [../b]\n-- b/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ntransformers: [g.yaml]\n-- b/g.yaml --\n" + judge + "\n",
			"b/g.yaml:1: not in a component",
		},
		"our transformer in a base that is not finished": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\ntransformers: [g.yaml]\nnamePrefix: x\n-- b/g.yaml --\n" + judge + "\n",
			"b/g.yaml:1: Guard cannot be the end of a base with namePrefix (b/kustomization.yaml:2:1)",
		},
		"drop of an object that others refer to": {
			"-- a/kustomization.yaml --\nresources: [p.yaml]\ngenerators: [o.yaml]\ntransformers: [g.yaml]\nnamePrefix: x-\n-- a/o.yaml --\n" + ours + "\n-- a/g.yaml --\n" + judge +
				"\n-- a/p.yaml --\n{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{configMap: {name: told}}]}}\n",
			"a/g.yaml:1: Guard g: drops ConfigMap x-told, which others may refer to, beside namePrefix (a/kustomization.yaml:4:1)",
		},
		"our transformer in a base with a JSON patch": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\ntransformers: [g.yaml]\npatches: [{path: p.yaml, target: {kind: A}}]\n-- b/g.yaml --\n" + judge +
				"\n-- b/p.yaml --\n- {op: replace, path: /metadata/name, value: a}\n",
			"b/g.yaml:1: Guard cannot be the end of a base with patches[0] (b/kustomization.yaml)",
		},
		"our transformer in a base with a patch that may rename": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\ntransformers: [g.yaml]\npatches: [{patch: '{apiVersion: v1, kind: A, metadata: {name: a}}', target: {kind: A}, options: {allowNameChange: true}}]\n-- b/g.yaml --\n" + judge + "\n",
			"b/g.yaml:1: Guard cannot be the end of a base with patches[0] (b/kustomization.yaml)",
		},
		"change beside a hash of ours": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\ntransformers: [g.yaml]\n-- a/g.yaml --\n" + strings.Replace(judge, "drop: [ConfigMap]", "touch: [ConfigMap]", 1) +
				"\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: p}, spec: {objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {kustomize.config.k8s.io/needs-hash: 'true'}}}]}}\n",
			"a/g.yaml:1: Guard g: changes ConfigMap a-6ct58987ht, beside a name with a hash (a/o.yaml:1)",
		},
		"change beside references of an unknown kind": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\ntransformers: [g.yaml]\nnamePrefix: x-\nconfigurations: [c.yaml]\n-- a/c.yaml --\n{}\n-- a/g.yaml --\n" +
				strings.Replace(judge, "drop: [ConfigMap]", "touch: [Claim]", 1) +
				"\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: p}, spec: {objects: [{apiVersion: v1, kind: Claim, metadata: {name: a}}]}}\n",
			"a/g.yaml:1: Guard g: changes Claim x-a, beside configurations",
		},
		"hash of another kind": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: p}, spec: {objects: [{apiVersion: v1, kind: Claim, metadata: {name: a, annotations: {kustomize.config.k8s.io/needs-hash: 'true'}}}]}}\n",
			"in-process only ConfigMaps and Secrets can have a hash in their name",
		},
		"drop beside variables": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\ntransformers: [g.yaml]\nvars: [{name: A, objref: {apiVersion: v1, kind: ConfigMap, name: told}}]\n-- a/o.yaml --\n" + ours +
				"\n-- a/g.yaml --\n" + judge + "\n",
			"a/g.yaml:1: Guard g: drops ConfigMap told, which others may refer to, beside vars (a/kustomization.yaml:3:1)",
		},
		"change beside hashes": {
			"-- a/kustomization.yaml --\nconfigMapGenerator: [{name: x}]\ntransformers: [g.yaml]\n-- a/g.yaml --\n" + strings.Replace(judge, "drop", "touch", 1) + "\n",
			"a/g.yaml:1: Guard g: changes ConfigMap x-6ct58987ht, beside configMapGenerator",
		},
		"our transformer beside validators": {
			"-- a/kustomization.yaml --\ntransformers: [g.yaml]\nvalidators: [v.yaml]\n-- a/g.yaml --\n" + judge + "\n-- a/v.yaml --\n{apiVersion: builtin, kind: LabelTransformer, metadata: {name: v}}\n",
			"a/g.yaml:1: validators beside Guard",
		},
		"behavior": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: p}, spec: {objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {kustomize.config.k8s.io/behavior: merge}}}]}}\n",
			"a/o.yaml:1: Pattern p: ConfigMap a: annotation kustomize.config.k8s.io/behavior: only a process of kustomize can merge objects",
		},
		"hash neither true nor false": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: p}, spec: {objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {kustomize.config.k8s.io/needs-hash: maybe}}}]}}\n",
			`"maybe" is neither true nor false`,
		},
		"object without a name": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: p}, spec: {objects: [{kind: A, metadata: {name: 1}}]}}\n",
			"a/o.yaml:1: Pattern p: made an object without kind or name: map[kind:A metadata:map[name:1]]",
		},
		"guard that gives nothing": {
			"-- a/kustomization.yaml --\ntransformers: [o.yaml]\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Guard, metadata: {name: p}, spec: {add: [{}]}}\n",
			"a/o.yaml:1: Guard p: gave an object without kind or name: map[]",
		},
		"empty object": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\n-- a/o.yaml --\n{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: p}, spec: {objects: [{}]}}\n",
			"a/o.yaml:1: Pattern p: made an object without kind or name: map[]",
		},
		"origins": {
			"-- a/kustomization.yaml --\ngenerators: [o.yaml]\nbuildMetadata: [originAnnotations]\n-- a/o.yaml --\n" + ours + "\n",
			"a/kustomization.yaml:2:17: buildMetadata originAnnotations cannot be told",
		},
		"managed by": {
			"-- a/kustomization.yaml --\nresources: []\nbuildMetadata: [managedByLabel]\n", "a/kustomization.yaml:2:17: buildMetadata managedByLabel writes the version",
		},

		"absolute path":        {"-- a/kustomization.yaml --\nresources: [/etc]\n", `a/kustomization.yaml:1:13: resources: "/etc" is not a path relative to a`},
		"path out of the tree": {"-- a/kustomization.yaml --\nresources: [../../x]\n", "a/kustomization.yaml:1:13: resources: ../../x leaves the tree"},
		"link out of the tree": {
			"-- a/kustomization.yaml --\nresources: [x.yaml]\n-- a/x.yaml --\n-> ../../x.yaml\n",
			"a/kustomization.yaml:1:13: resources: a/x.yaml: leaves the tree through a symbolic link",
		},
		"absolute link": {
			"-- a/kustomization.yaml --\nresources: [x.yaml]\n-- a/x.yaml --\n-> /etc/hostname\n",
			"a/kustomization.yaml:1:13: resources: a/x.yaml: leaves the tree through a symbolic link",
		},
		"links in a circle": {
			"-- a/kustomization.yaml --\nresources: [x.yaml]\n-- a/x.yaml --\n-> y.yaml\n-- a/y.yaml --\n-> x.yaml\n", "more than 40 symbolic links",
		},
		"folder by a link out of the tree": {
			"-- a/kustomization.yaml --\nresources: [x]\n-- a/x --\n-> ../..\n", "leaves the tree through a symbolic link",
		},
		"file outside its folder": {
			"-- a/kustomization.yaml --\nresources: [../b.yaml]\n-- b.yaml --\n",
			"a/kustomization.yaml:1:13: resources: kustomize reads no file outside its folder, and b.yaml is not in a",
		},
		"file outside its folder by a link": {
			"-- a/kustomization.yaml --\nresources: [b.yaml]\n-- b.yaml --\n-- a/b.yaml --\n-> ../b.yaml\n",
			"kustomize reads no file outside its folder, and b.yaml is not in a",
		},
		"kustomization file by a link": {
			"-- a/kustomization.yaml --\n-> ../b.yaml\n-- b.yaml --\nresources: []\n", "a/kustomization.yaml: links to b.yaml, outside its own folder",
		},
		"cycle": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: [../a]\n",
			"b/kustomization.yaml:1:13: resources: a cycle: a is or holds a",
		},
		"base above": {"-- a/kustomization.yaml --\nresources: [..]\n", "a/kustomization.yaml:1:13: resources: a cycle: . is or holds a"},
		"two lines of a list joined": {
			"-- a/kustomization.yaml --\nresources:\n- ../b\n - ../c\n", "has dots inside a name",
		},
		"component that is a file": {"-- a/kustomization.yaml --\ncomponents: [b.yaml]\n-- a/b.yaml --\n", "a/kustomization.yaml:1:14: b.yaml is a file"},

		"too large":  {"-- a/kustomization.yaml --\nresources: [b.yaml]\n-- a/b.yaml --\n#" + strings.Repeat("x", maxFileSize) + "\n", "a/b.yaml: larger than 10 MB"},
		"alias bomb": {"-- a/kustomization.yaml --\nresources: [b.yaml]\n-- a/b.yaml --\n" + bomb(), "a/b.yaml: its YAML aliases stand for more than 1000000 nodes"},
		"alias bomb in a patch": {
			"-- a/kustomization.yaml --\npatches:\n- patch: |\n" + indent(bomb()), "a/kustomization.yaml:2: in this text its YAML aliases stand for",
		},
		"alias bomb in a file for kustomize": {
			"-- a/kustomization.yaml --\npatches: [{path: b.yaml, target: {kind: A}}]\n-- a/b.yaml --\n" + bomb(), "a/b.yaml: its YAML aliases stand for",
		},
		"many aliases": {
			"-- a/kustomization.yaml --\nresources: [b.yaml]\n-- a/b.yaml --\na: &a b\nc: [" + strings.Repeat("*a, ", maxAliases+1) + "]\n", "a/b.yaml:2: more than 1000 YAML aliases",
		},
		"crds that refer to themselves (fault 14)": {
			"-- a/kustomization.yaml --\nresources: []\ncrds: [c.json]\n-- a/c.json --\n" + `{"x.T": {"Schema": {"properties": {"apiVersion": {}, "kind": {}, "metadata": {},` + "\n" + `"spec": {"$ref": "x.T"}}}}}` + "\n",
			`a/c.json:2:18: a cycle of $ref: "x.T" at spec refers to what it stands in`,
		},
		"crds that refer to each other": {
			"-- a/kustomization.yaml --\nresources: []\ncrds: [c.yaml]\n-- a/c.yaml --\nx.T:\n  schema:\n    properties: {apiVersion: {}, kind: {}, metadata: {}, spec: {$ref: x.S}}\nx.S: {schema: {properties: {a: {$ref: x.R}}}}\nx.R: {schema: {properties: {b: {$ref: x.S}}}}\n",
			`a/c.yaml:5:39: a cycle of $ref: "x.S" at spec.a.b refers to what it stands in`,
		},
		"crds that double": {
			"-- a/kustomization.yaml --\nresources: []\ncrds: [c.yaml]\n-- a/c.yaml --\nx.0: {schema: {properties: {apiVersion: {}, kind: {}, metadata: {}, a: {$ref: x.1}}}}\n" + doubling(),
			"a/c.yaml: its $ref stand for more than 10000 fields",
		},
		"openapi that refers to itself (fault 14)": {
			"-- a/kustomization.yaml --\nresources: []\nopenapi: {path: s.json}\n-- a/s.json --\n" + `{"definitions": {"v1.W": {"$ref": "#/definitions/v1.W"}}}` + "\n",
			`a/s.json:1:35: a cycle of $ref: "#/definitions/v1.W" leads back to itself`,
		},
		"openapi in a circle in a base": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: []\nopenapi: {path: s.yaml}\n-- b/s.yaml --\ndefinitions:\n  A: {properties: {a: {$ref: '#/definitions/B'}}}\n  B: {$ref: '#/definitions/A/properties/a'}\n",
			`b/s.yaml:2:30: a cycle of $ref: "#/definitions/B" leads back to itself`,
		},
		"a number that loses digits (fault 16)": {
			"-- a/kustomization.yaml --\nresources: [b.yaml]\n-- a/b.yaml --\na: 123456789012345678901234567890\n", "a/b.yaml:1:4: the number 123456789012345678901234567890 loses digits",
		},
		"a fraction that loses digits": {
			"-- a/kustomization.yaml --\nresources: [b.yaml]\n-- a/b.yaml --\na: 3.14159265358979312\n", "a/b.yaml:1:4: the number 3.14159265358979312 loses digits",
		},
		"anchor in itself": {"-- a/kustomization.yaml --\nresources: [b.yaml]\n-- a/b.yaml --\na: &a [*a]\n", "a/b.yaml:1: a YAML anchor that contains itself"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage(t, txtar.Parse([]byte(c.tree)))
			through := s.builder(t)
			through.always = true
			for _, builder := range []*Builder{s.builder(t), through} {
				result, err := builder.Build("a")
				require.ErrorContains(t, err, c.want)
				assert.NotContains(t, err.Error(), "\n")
				assert.NotContains(t, err.Error(), mount)
				assert.Empty(t, result)
			}
		})
	}
}

// bomb is a kilobyte of YAML that stands for 9^8 values.
func bomb() string {
	text := strings.Builder{}
	text.WriteString("a: &a [x, x, x, x, x, x, x, x, x]\n")
	for name := 'b'; name < 'i'; name++ {
		text.WriteString(string(name) + ": &" + string(name) + " [" + strings.Repeat("*"+string(name-1)+", ", 9) + "]\n")
	}
	return text.String()
}

// doubling is a CRD of which each type stands for two of the next.
func doubling() string {
	text := strings.Builder{}
	for i := 1; i < 20; i++ {
		fmt.Fprintf(&text, "x.%d: {schema: {properties: {a: {$ref: x.%d}, b: {$ref: x.%d}}}}\n", i, i+1, i+1)
	}
	return text.String()
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
}
