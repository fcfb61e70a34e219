package conformance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBootstrap follows docs/bootstrap.md on each cloud with the programs of OpenTofu, Terragrunt and Helm. The clouds' own providers cannot
// be had here: cmd/provider stands in for each, with the arguments that Crossplane's definitions of the same version have. What it
// answers is made up, so that nothing is known of what a cloud would make of it.
func TestBootstrap(t *testing.T) {
	if os.Getenv("SPOKEWRIGHT_BOOTSTRAP") == "" {
		t.Skip("NOT TESTED: make conformance-bootstrap runs it")
	}
	crds := os.Getenv("SPOKEWRIGHT_CRDS")
	if crds == "" {
		t.Skip("NOT TESTED: SPOKEWRIGHT_CRDS must name a folder with the definitions of the clouds' providers in aws/, azure/ and gcp/")
	}
	crds, err := filepath.Abs(crds)
	require.NoError(t, err)
	r := newRoots(t, crds)
	for cloud, region := range map[string]string{"aws": "eu-west-1", "azure": "westeurope", "gcp": "europe-west1"} {
		t.Run(cloud, func(t *testing.T) { r.follow(t, cloud, region) })
	}
}

// roots has the programs, and the environment that they run in.
type roots struct {
	spokewright, tofu, terragrunt, helm string
	environment                         []string
}

func newRoots(t *testing.T, crds string) *roots {
	t.Helper()
	r := &roots{spokewright: filepath.Join(released(t.Context(), t), "spokewright")}
	for name, program := range map[string]*string{"tofu": &r.tofu, "terragrunt": &r.terragrunt, "helm": &r.helm} {
		path, err := cache(t).Program(t.Context(), name)
		require.NoError(t, err)
		*program = path
	}
	home := t.TempDir()
	mirror := filepath.Join(home, "mirror")
	provider := filepath.Join(home, "provider")
	built, err := exec.CommandContext(t.Context(), "go", "build", "-o", provider, "./cmd/provider").CombinedOutput()
	require.NoError(t, err, string(built))
	for name, version := range map[string]string{"aws": "6.55.0", "google": "7.39.0", "azurerm": "4.80.0", "helm": "3.1.0"} {
		folder := filepath.Join(mirror, "registry.opentofu.org/hashicorp", name, version, "linux_amd64")
		require.NoError(t, os.MkdirAll(folder, 0o755))
		require.NoError(t, os.Link(provider, filepath.Join(folder, "terraform-provider-"+name+"_v"+version)))
	}
	settings := filepath.Join(home, "tofu.rc")
	require.NoError(t, os.WriteFile(settings, []byte(`provider_installation { filesystem_mirror { path = "`+mirror+`" } }`), 0o644))
	r.environment = append(os.Environ(), "HOME="+home, "TF_CLI_CONFIG_FILE="+settings, "SPOKEWRIGHT_CRDS="+crds, "TERRAGRUNT_TFPATH="+r.tofu, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	return r
}

// run runs a program in a folder, and gives what it says.
func (r *roots) run(t *testing.T, folder, program string, args ...string) string {
	t.Helper()
	out, told, err := r.try(t, folder, program, args...)
	require.NoError(t, err, "%s %s\n%s\n%s", filepath.Base(program), strings.Join(args, " "), out, told)
	return out
}

func (r *roots) try(t *testing.T, folder, program string, args ...string) (out, told string, err error) {
	t.Helper()
	var stdout, stderr strings.Builder
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir, command.Env, command.Stdout, command.Stderr = folder, r.environment, &stdout, &stderr
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

func (r *roots) follow(t *testing.T, cloud, region string) {
	fleet := copyOfSample(t)
	spec := "class: \"production\"\nrole:  \"hub\"\ncluster: {cloud: \"" + cloud + "\", region: \"" + region + "\", network: cidr: \"10.8.0.0/16\""
	require.NoError(t, os.WriteFile(filepath.Join(fleet, "environments/hub.cue"), []byte(strings.Replace(spec, "production", "staging", 1)+"}\n"), 0o644))
	r.run(t, fleet, r.spokewright, "render")
	listed := r.run(t, fleet, r.spokewright, "bootstrap", "hub", "--backend", "local", "--state", "path="+filepath.Join(fleet, "hub.tfstate"))
	root := filepath.Join(fleet, "bootstrap/hub")

	assert.Empty(t, r.run(t, root, r.tofu, "fmt", "-check", "-diff", "-recursive"))
	r.run(t, root, r.terragrunt, "hclfmt", "--terragrunt-check")
	r.run(t, root, r.terragrunt, "init", "-no-color")
	r.run(t, root, r.terragrunt, "validate", "-no-color")
	r.run(t, root, r.terragrunt, "plan", "-no-color", "-out", "plan")
	assert.Equal(t, strings.Fields(listed), r.planned(t, root), "what is printed is what would be made")

	// The two charts of our own hold what the fleet has, as it has it.
	start, err := os.ReadFile(filepath.Join(fleet, "golden/hub/root.yaml"))
	require.NoError(t, err)
	assert.Equal(t, objectsOf(t, start), objectsOf(t, []byte(r.run(t, root, r.helm, "template", "root", "start"))))

	// Once it is made, its names make the hub look at its network and its cluster, and at nothing more.
	r.run(t, root, r.terragrunt, "apply", "-no-color", "-auto-approve")
	names := r.run(t, root, r.terragrunt, "output", "-raw", "names")
	require.NoError(t, os.WriteFile(filepath.Join(fleet, "environments/hub.names.cue"), []byte(names), 0o644))
	adopt := r.run(t, root, r.terragrunt, "output", "-raw", "adopt")
	require.NoError(t, os.WriteFile(filepath.Join(fleet, "environments/hub.cue"), []byte(strings.Replace(spec, "production", "staging", 1)+", adopt: externalName: \""+adopt+"\"}\n"), 0o644))
	r.run(t, fleet, r.spokewright, "render")
	r.run(t, fleet, r.spokewright, "check")
	hub, err := os.ReadFile(filepath.Join(fleet, "golden/hub/hub.yaml"))
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(string(hub), "\n  management: Observe\n"))
	assert.NotContains(t, string(hub), "\n  management: Full\n")

	// What no provider takes is refused.
	first, _, _ := strings.Cut(listed, ".")
	require.NoError(t, os.WriteFile(filepath.Join(root, "wrong.tf"), []byte("resource \""+first+"\" \"wrong\" {\n  misspelt = 1\n}\n"), 0o644))
	_, told, err := r.try(t, root, r.terragrunt, "validate", "-no-color")
	require.Error(t, err)
	assert.Contains(t, told, "misspelt")
}

// planned are the addresses of what a plan makes, as bootstrap prints them.
func (r *roots) planned(t *testing.T, root string) []string {
	t.Helper()
	var plan struct {
		Changes []struct {
			Address, Type string
			Change        struct{ Actions []string }
		} `json:"resource_changes"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.run(t, root, r.tofu, "show", "-json", "plan")), &plan))
	var found []string
	for _, change := range plan.Changes {
		if change.Type != "terraform_data" && slices.Equal(change.Change.Actions, []string{"create"}) {
			found = append(found, change.Address)
		}
	}
	slices.Sort(found)
	return found
}
