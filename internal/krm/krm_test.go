package krm_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// parse reads a functionConfig.
func parse(t *testing.T, text string) manifest.Object {
	t.Helper()
	var object manifest.Object
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), &object))
	return object
}

// tree is a fleet of a hub and a spoke.
func tree(t *testing.T) krm.Tree {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"fleet": `name: "trial", owner: "platform", repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}`,
		"hub":   `{class: "production", role: "hub"}`,
		"dev":   `{class: "development", cluster: {cloud: "aws", region: "eu-west-1"}}`,
	} {
		files["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(text)}
	}
	return krm.Tree{Reader: reader, FS: files}
}

// head is the start of a functionConfig that is right.
const head = "apiVersion: spokewright.dev/v1alpha1\nkind: Environment\nmetadata: {name: dev}\n"

// TestInvalid refuses functionConfigs that say too little, too much or something unknown, and names the field.
func TestInvalid(t *testing.T) {
	for name, c := range map[string]struct{ config, want string }{
		"another version": {"apiVersion: spokewright.dev/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {file: ../../../environments/dev.cue, plane: hub}",
			`overlays/dev/hub: Environment dev: apiVersion: found "spokewright.dev/v1", allowed is "spokewright.dev/v1alpha1"`},
		"a typo in the kind": {"apiVersion: spokewright.dev/v1alpha1\nkind: Enviroment\nmetadata: {name: dev}\nspec: {file: ../../../environments/dev.cue, plane: hub}",
			`overlays/dev/hub: Enviroment dev: kind: found "Enviroment", allowed is Accounts, AddonObjects, Applications, Claims, Credentials, Environment, FleetList, Guard, ImageUpdates, Namespaces, Policies, Registration or Workspaces; did you mean "Environment"?`},
		"no name": {"apiVersion: spokewright.dev/v1alpha1\nkind: Environment\nspec: {file: ../../../environments/dev.cue, plane: hub}",
			"overlays/dev/hub: Environment: metadata.name: missing"},
		"no spec":                  {head, "overlays/dev/hub: Environment dev: spec: missing: it names the environment (file, or environment and fleet) and the plane"},
		"a spec that is no object": {head + "spec: environments/dev.cue", "overlays/dev/hub: Environment dev: spec: found \"environments/dev.cue\", allowed is a map"},
		"a field beside spec": {head + "spec: {file: ../../../environments/dev.cue, plane: hub}\nplane: hub",
			"overlays/dev/hub: Environment dev: plane: no such field (allowed are apiVersion, kind, metadata, spec)"},
		"a typo in a field": {head + "spec: {files: ../../../environments/dev.cue, plane: hub}",
			`overlays/dev/hub: Environment dev: spec.files: no such field; did you mean "file"? (allowed are environment, environments, file, fleet, plane)`},
		"no plane": {head + "spec: {file: ../../../environments/dev.cue}", `overlays/dev/hub: Environment dev: spec.plane: found "", allowed is "hub" or "spoke"`},
		"a plane that is none": {head + "spec: {file: ../../../environments/dev.cue, plane: both}",
			`overlays/dev/hub: Environment dev: spec.plane: found "both", allowed is "hub" or "spoke"`},
		"a plane that is a number": {head + "spec: {file: ../../../environments/dev.cue, plane: 1}", "overlays/dev/hub: Environment dev: spec.plane: found 1, allowed is a text"},
		"no environment":           {head + "spec: {plane: hub}", "overlays/dev/hub: Environment dev: spec: allowed is file, or environment with fleet: one of them"},
		"two environments": {head + "spec: {plane: hub, file: ../../../environments/dev.cue, environment: {class: development}}",
			"overlays/dev/hub: Environment dev: spec: allowed is file, or environment with fleet: one of them"},
		"a fleet beside a file": {head + "spec: {plane: hub, file: ../../../environments/dev.cue, fleet: {name: trial}}",
			"overlays/dev/hub: Environment dev: spec: fleet and environments stand beside environment only: a file has them beside it"},
		"a file that is a list":    {head + "spec: {plane: hub, file: [../../../environments/dev.cue]}", "overlays/dev/hub: Environment dev: spec.file: found [\"../../../environments/dev.cue\"], allowed is a text"},
		"an environment as a text": {head + "spec: {plane: hub, environment: dev}", "overlays/dev/hub: Environment dev: spec.environment: found \"dev\", allowed is a map"},
		"no fleet": {head + "spec: {plane: hub, environment: {class: development}}",
			"overlays/dev/hub: Environment dev: spec.fleet: missing: an environment that stands here needs its fleet here too"},
		"the environment among the others": {head + "spec: {plane: hub, environment: {class: development}, fleet: {name: trial}, environments: {dev: {}}}",
			"overlays/dev/hub: Environment dev: spec.environments.dev: this is the environment itself, which stands under environment"},
		"a file elsewhere": {head + "spec: {plane: hub, file: ../../environments/dev.cue}",
			`overlays/dev/hub: Environment dev: spec.file: found "../../environments/dev.cue", allowed is a file of the fleet's environments folder, such as "../../../environments/prod-eu.cue"`},
		"the fleet's own file": {head + "spec: {plane: hub, file: ../../../environments/fleet.cue}",
			`overlays/dev/hub: Environment dev: spec.file: found "../../../environments/fleet.cue", allowed is a file of the fleet's environments folder, such as "../../../environments/prod-eu.cue"`},
		"a file above the fleet": {head + "spec: {plane: hub, file: ../../../../environments/dev.cue}",
			`overlays/dev/hub: Environment dev: spec.file: found "../../../../environments/dev.cue", allowed is a file of the fleet's environments folder, such as "../../../environments/prod-eu.cue"`},
	} {
		t.Run(name, func(t *testing.T) {
			items, err := krm.Run(tree(t), parse(t, c.config), "overlays/dev/hub", nil)
			require.True(t, finding.IsInput(err))
			assert.EqualError(t, err, c.want)
			assert.Nil(t, items)
		})
	}
}

// TestNoSuchEnvironment is a mistake in what the file names, not in the functionConfig.
func TestNoSuchEnvironment(t *testing.T) {
	_, err := krm.Run(tree(t), parse(t, head+"spec: {plane: hub, file: ../../../environments/dve.cue}"), "overlays/dev/hub", nil)
	var problems finding.Findings
	require.ErrorAs(t, err, &problems)
	assert.EqualError(t, err, `environments/dve.cue: there is no environment "dve"; did you mean "dev"?`)
}

// TestItemsGoOn hands on what came, in its place, and never writes to it.
func TestItemsGoOn(t *testing.T) {
	came := []manifest.Object{manifest.New("v1", "ConfigMap", "dev", "own")}
	before := manifest.Copy(came[0])
	for _, kind := range krm.Kinds() {
		if kind == krm.GuardKind {
			continue
		}
		config := parse(t, head+"spec: {plane: hub, file: ../../../environments/dev.cue}")
		config["kind"] = kind
		items, err := krm.Run(tree(t), config, "overlays/dev/hub", came)
		require.NoError(t, err)
		require.NotEmpty(t, items)
		assert.Equal(t, before, items[0])
		assert.Len(t, came, 1)
	}
}

// TestGuards knows a guard of the fleet, and no other functionConfig: one with a spec of its own guards nothing here.
func TestGuards(t *testing.T) {
	guard := func(text string) manifest.Object {
		return parse(t, "apiVersion: spokewright.dev/v1alpha1\nkind: Guard\nmetadata: {name: any}\n"+text)
	}
	name, plane, is := krm.Guards(guard("spec: {plane: spoke, file: ../../../environments/dev.cue}"), "overlays/dev/spoke")
	assert.True(t, is)
	assert.Equal(t, "dev", name)
	assert.Equal(t, schema.Spoke, plane)
	for name, config := range map[string]manifest.Object{
		"inline":      guard("spec: {plane: hub, environment: {class: development}, fleet: {name: trial}}"),
		"invalid":     guard("spec: {plane: both, file: ../../../environments/dev.cue}"),
		"elsewhere":   guard("spec: {plane: hub, file: ../environments/dev.cue}"),
		"Environment": parse(t, head+"spec: {plane: hub, file: ../../../environments/dev.cue}"),
	} {
		_, _, is := krm.Guards(config, "overlays/dev/hub")
		assert.False(t, is, name)
	}
}

// TestGuardRefuses gives findings with the folder they are about, or outside of any the environment and its plane.
func TestGuardRefuses(t *testing.T) {
	config := parse(t, head+"spec: {plane: spoke, file: ../../../environments/dev.cue}")
	config["kind"] = krm.GuardKind
	for dir, want := range map[string]string{"overlays/dev/spoke": "overlays/dev/spoke", ".": "dev/spoke"} {
		source := krm.Source(tree(t))
		file := "../../../environments/dev.cue"
		if dir == "." {
			file = "environments/dev.cue"
		}
		config["spec"].(map[string]any)["file"] = file
		_, err := krm.Run(source, config, dir, nil)
		require.True(t, finding.IsInput(err))
		assert.EqualError(t, err, want+": nothing is left to apply: is the generator missing from the kustomization?")
	}
}
