// Package applicationset compares what internal/applicationset expands with what the real Argo CD makes: its
// ApplicationSet controller and its repo-server on a hub in a box.
package applicationset

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/conformance/argocd"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

const (
	samples = "../testdata/applicationsets"
	// address is what the samples call their repository, and secretType marks the Secrets of clusters.
	address    = "https://git.example.com/harbour/fleet.git"
	secretType = "argocd.argoproj.io/secret-type"
)

// made is what became of one set.
type made struct {
	Set          string            `json:"set"`
	Refused      bool              `json:"refused,omitempty"` // the set, or an Application of it
	Applications []manifest.Object `json:"applications,omitempty"`
}

// Every set of the samples, and every one that we emit, becomes what the real controller makes of it; what it refuses is
// refused. SPOKEWRIGHT_UPDATE=1 writes down what it makes, for the tests of internal/applicationset.
func TestExpansionIsWhatTheControllerMakes(t *testing.T) {
	ctx := process.Context(t)
	repository := commit(ctx, t, samples+"/repository")
	server := startHub(ctx, t)
	secrets := read(t, samples+"/clusters.yaml")
	apply(ctx, t, server, secrets)
	startController(ctx, t, server)
	files, err := filepath.Glob(samples + "/sets/*.yaml")
	require.NoError(t, err)

	world := applicationset.World{Repository: repository, Tree: os.DirFS(samples + "/repository")}
	for _, secret := range secrets {
		world.Clusters = append(world.Clusters, secret.Object)
	}
	byFile, sets := map[string][]documents.Document{}, []documents.Document(nil)
	for _, file := range files {
		for _, set := range read(t, file) {
			set = readdress(t, set, repository)
			byFile[file], sets = append(byFile[file], set), append(sets, set)
		}
	}
	apply(ctx, t, server, sets)
	refused := settled(ctx, t, server, sets, false)
	became := applicationsOf(ctx, t, server)
	for _, file := range files {
		var all []made
		for _, set := range byFile[file] {
			name := set.ID().Name
			one := made{name, refused[name], became[name]}
			all = append(all, one)
			t.Run(name, func(t *testing.T) { same(t, set.Object, world, one) })
		}
		record(t, filepath.Join(samples, "made", filepath.Base(file)), all, repository)
	}

	t.Run("emitted", func(t *testing.T) {
		sets := append(emitted(t), demanding(t)...)
		furnish(ctx, t, server, sets, secrets)
		apply(ctx, t, server, sets)
		refused := settled(ctx, t, server, sets, true)
		all := applicationsOf(ctx, t, server)
		for _, set := range sets {
			name := set.ID().Name
			assert.NotEmpty(t, all[name], name)
			same(t, set.Object, applicationset.World{}, made{name, refused[name], all[name]})
			if manifest.TextAt(set.Object, "metadata", "labels", "app.kubernetes.io/managed-by") == "spokewright" {
				arrived(t, set.Object, all[name])
			}
		}
		t.Logf("%d sets that we emit", len(sets))
		takenOut(ctx, t, server)
	})
}

// takenOut takes an app out of a protected environment's set: its Application goes, and nothing of it says that what it made should.
func takenOut(ctx context.Context, t *testing.T, server *hub.Hub) {
	t.Helper()
	id := manifest.ID{APIVersion: "argoproj.io/v1alpha1", Kind: "Application", Namespace: argocd.Namespace, Name: "quay-web"}
	there, err := server.Await(ctx, id, func(manifest.Object) bool { return true })
	require.NoError(t, err)
	assert.Empty(t, hub.Items(hub.Fields(there, "metadata")["finalizers"]))
	apply(ctx, t, server, demanding(t, "web"))
	require.Eventually(t, func() bool {
		return !slices.ContainsFunc(applicationsOf(ctx, t, server)["quay-apps"], func(one manifest.Object) bool { return manifest.Identify(one).Name == id.Name })
	}, time.Minute, 100*time.Millisecond)
	assert.NotEmpty(t, applicationsOf(ctx, t, server)["quay-apps"])
}

// arrived holds that what an element of a set shows of a source is what its Application has: a review of the set is one of what runs.
func arrived(t *testing.T, set manifest.Object, applications []manifest.Object) {
	t.Helper()
	sources := map[any]any{}
	for _, application := range applications {
		source := hub.Fields(application, "spec", "source")
		if directory := hub.Fields(source, "directory"); len(hub.Fields(directory, "jsonnet")) == 0 {
			delete(directory, "jsonnet") // which the controller always writes
		}
		sources[manifest.Identify(application).Name] = source
	}
	for _, generator := range manifest.MapsAt(set, "spec", "generators") {
		for _, element := range manifest.MapsAt(generator, "list", "elements") {
			assert.Equal(t, text(t, []manifest.Object{{"source": element["source"]}}), text(t, []manifest.Object{{"source": sources[element["name"]]}}), element["name"])
		}
	}
}

// same compares an expansion with what the controller made.
func same(t *testing.T, set manifest.Object, world applicationset.World, want made) {
	t.Helper()
	got, found := applicationset.Expand(set, world)
	assert.Equal(t, want.Refused, found.Refuse(), found)
	slices.SortFunc(got, byName)
	for _, application := range got {
		assert.Equal(t, "argocd", manifest.Identify(application).Namespace)
	}
	assert.Equal(t, text(t, want.Applications), text(t, got))
}

func text(t *testing.T, objects []manifest.Object) string {
	t.Helper()
	text, err := yaml.Marshal(objects)
	require.NoError(t, err)
	return string(text)
}

// record compares with what is written down, or writes it.
func record(t *testing.T, file string, all []made, repository string) {
	t.Helper()
	var out bytes.Buffer
	for i, one := range all {
		text, err := yaml.Marshal(one)
		require.NoError(t, err)
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(bytes.ReplaceAll(text, []byte(repository), []byte(address)))
	}
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "SPOKEWRIGHT_UPDATE=1 writes it")
	assert.Equal(t, string(want), out.String(), "SPOKEWRIGHT_UPDATE=1 writes it anew")
}

func byName(a, b manifest.Object) int {
	return strings.Compare(manifest.Identify(a).Name, manifest.Identify(b).Name)
}

func read(t *testing.T, file string) []documents.Document {
	t.Helper()
	all, err := documents.Read(file)
	require.NoError(t, err)
	return all
}

func apply(ctx context.Context, t *testing.T, server *hub.Hub, all []documents.Document) {
	t.Helper()
	for _, document := range all {
		require.NoError(t, server.Apply(ctx, document))
	}
}

// readdress is a set that finds the samples' repository where it lies here.
func readdress(t *testing.T, set documents.Document, repository string) documents.Document {
	t.Helper()
	set.Text = bytes.ReplaceAll(set.Text, []byte(address), []byte(repository))
	set.Object = nil
	require.NoError(t, yaml.Unmarshal(set.Text, &set.Object))
	return set
}

// commit makes a Git repository of a folder and gives its address.
func commit(ctx context.Context, t *testing.T, folder string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: git is not installed")
	}
	root := t.TempDir()
	require.NoError(t, os.CopyFS(root, os.DirFS(folder)))
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"}, {"add", "--force", "."},
		{"-c", "user.name=fleet", "-c", "user.email=fleet@example.com", "commit", "--quiet", "--message=fleet"},
	} {
		git := exec.CommandContext(ctx, "git", args...)
		git.Dir, git.Env = root, append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		output, err := git.CombinedOutput()
		require.NoError(t, err, string(output))
	}
	return "file://" + filepath.ToSlash(root)
}

func cache(t *testing.T) *parts.Cache {
	t.Helper()
	opened, err := parts.Open(func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
	require.NoError(t, err)
	return opened
}

// startHub is a hub on which Argo CD is installed but does not run.
func startHub(ctx context.Context, t *testing.T) *hub.Hub {
	t.Helper()
	server := hub.Start(t, cache(t))
	require.NoError(t, argocd.Install(ctx, server, argocd.Values{}))
	return server
}

// startController runs the ApplicationSet controller and what it asks: the repo-server, and that Redis.
func startController(ctx context.Context, t *testing.T, server *hub.Hub) {
	t.Helper()
	redis, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: redis-server is not installed: apt-get install redis-server")
	}
	a := process.Addresses(t, 6)
	environment := append(os.Environ(), "KUBECONFIG="+server.Kubeconfig, "HOME="+t.TempDir(), "TMPDIR="+t.TempDir(), "ARGOCD_GPG_ENABLED=false", "ARGOCD_PLUGINSOCKFILEPATH="+t.TempDir(),
		"ARGOCD_APPLICATIONSET_CONTROLLER_CONCURRENT_RECONCILIATIONS=20")
	start := func(program, listens string, args ...string) {
		name := filepath.Base(program)
		command := exec.CommandContext(ctx, program, args...)
		command.Env = environment
		running := process.Start(t, name, command)
		require.NoError(t, running.Await(ctx, func(ctx context.Context) error {
			connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", listens)
			if err != nil {
				return err
			}
			return connection.Close()
		}))
	}
	real := func(name string) string {
		program, err := cache(t).Program(ctx, name)
		require.NoError(t, err)
		return program
	}
	start(redis, a[5], "--port", port(a[5]), "--bind", host(a[5]), "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	start(real("argocd-repo-server"), a[0], "--disable-tls", "--redis", a[5], "--address", host(a[0]), "--port", port(a[0]),
		"--metrics-address", host(a[1]), "--metrics-port", port(a[1]))
	start(real("argocd-applicationset-controller"), a[3], "--kubeconfig", server.Kubeconfig, "--namespace", argocd.Namespace, "--metrics-addr", a[2],
		"--probe-addr", a[3], "--webhook-addr", a[4], "--argocd-repo-server", a[0], "--repo-server-plaintext")
}

func host(address string) string { return address[:strings.LastIndex(address, ":")] }
func port(address string) string { return address[strings.LastIndex(address, ":")+1:] }

// settled waits until the controller has said of every set what became of it, and gives which it refuses. Where it must
// do all, it is asked again when it misses what it has not heard of yet.
func settled(ctx context.Context, t *testing.T, server *hub.Hub, sets []documents.Document, mustDo bool) map[string]bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	refused := map[string]bool{}
	for _, set := range sets {
		said := ""
		object, err := server.Await(ctx, set.ID(), func(object manifest.Object) bool {
			said, _ = condition(object, "ErrorOccurred")["message"].(string)
			if mustDo && (strings.Contains(said, "does not exist") || strings.Contains(said, "no clusters with this name")) {
				// It has not heard of the project or the cluster yet, and would look again in minutes.
				again := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"argocd.argoproj.io/application-set-refresh": "true"}}}
				require.NoError(t, server.Change(ctx, set.ID(), again))
				return false
			}
			return said != "" && condition(object, "ResourcesUpToDate") != nil
		})
		require.NoError(t, err, "%s: %s", set.ID(), said)
		refused[set.ID().Name] = condition(object, "ErrorOccurred")["status"] == "True"
	}
	return refused
}

func condition(object manifest.Object, kind string) map[string]any {
	status, _ := object["status"].(map[string]any)
	for _, each := range hub.Items(status["conditions"]) {
		if fields, _ := each.(map[string]any); fields["type"] == kind {
			return fields
		}
	}
	return nil
}

// applicationsOf are all Applications by the sets that own them, without what only a cluster knows.
func applicationsOf(ctx context.Context, t *testing.T, server *hub.Hub) map[string][]manifest.Object {
	t.Helper()
	all, err := server.List(ctx, "argoproj.io/v1alpha1", "Application")
	require.NoError(t, err)
	bySet := map[string][]manifest.Object{}
	for _, application := range all {
		metadata := hub.Fields(application, "metadata")
		owners := hub.Items(metadata["ownerReferences"])
		require.Len(t, owners, 1)
		owner := owners[0].(map[string]any)["name"].(string)
		for _, field := range []string{"creationTimestamp", "generation", "managedFields", "ownerReferences", "resourceVersion", "uid"} {
			delete(metadata, field)
		}
		delete(application, "status")
		bySet[owner] = append(bySet[owner], application)
	}
	for _, applications := range bySet {
		slices.SortFunc(applications, byName)
	}
	return bySet
}

// emitted are the sets of the fleet at the root and of the fleets that tests have, each name once.
func emitted(t *testing.T) []documents.Document {
	t.Helper()
	var all []documents.Document
	seen := map[string]bool{}
	for _, folder := range []string{"../../golden", "../testdata/fleets", "../testdata/accepted", "../../cmd/spokewright/testdata"} {
		if _, err := os.Stat(folder); err != nil {
			continue
		}
		require.NoError(t, filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
				return err
			}
			found, err := documents.Read(file)
			if err != nil {
				return nil // not every file of a test is right
			}
			for _, document := range found {
				if id := document.ID(); id.Kind == "ApplicationSet" && !seen[id.Name] {
					seen[id.Name] = true
					all = append(all, document)
				}
			}
			return nil
		}))
	}
	require.NotEmpty(t, all)
	return all
}

// demanding are the sets of an environment whose sources and policies are not merged as easily as those of the fleet at the root,
// without some of its apps.
func demanding(t *testing.T, without ...string) []documents.Document {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.Fleet(os.DirFS("testdata/demanding"))
	require.NoError(t, err)
	var sets []documents.Document
	quay := fleet.Environments["quay"]
	for _, app := range without {
		delete(quay.Apps, app)
	}
	for _, object := range functions.Expand(quay, schema.Hub) {
		if manifest.Identify(object).Kind == "ApplicationSet" {
			set, err := documents.Of("quay", object)
			require.NoError(t, err)
			sets = append(sets, set)
		}
	}
	require.NotEmpty(t, sets)
	return sets
}

// furnish makes the projects and clusters that sets name be there, beside the clusters that are: the controller makes no
// Application without.
func furnish(ctx context.Context, t *testing.T, server *hub.Hub, sets, secrets []documents.Document) {
	t.Helper()
	known := map[any]bool{"in-cluster": true, nil: true}
	for _, secret := range secrets {
		known[hub.Fields(secret.Object, "stringData")["name"]] = true
	}
	for i, set := range sets {
		spec := hub.Fields(set.Object, "spec", "template", "spec")
		project := manifest.New("argoproj.io/v1alpha1", "AppProject", argocd.Namespace, spec["project"].(string))
		project["spec"] = map[string]any{"sourceRepos": []any{"*"}, "destinations": []any{map[string]any{"server": "*", "namespace": "*"}}}
		needed := []manifest.Object{project}
		if name := hub.Fields(spec, "destination")["name"]; !known[name] {
			known[name] = true
			secret := manifest.New("v1", "Secret", argocd.Namespace, fmt.Sprint("cluster-of-", name))
			manifest.Label(secret, map[string]string{secretType: "cluster"})
			secret["stringData"] = map[string]any{"name": name, "server": fmt.Sprintf("https://%d.example.com", i), "config": "{}"}
			needed = append(needed, secret)
		}
		for _, object := range needed {
			document, err := documents.Of(set.Source, object)
			require.NoError(t, err)
			require.NoError(t, server.Apply(ctx, document))
		}
		if hub.Fields(set.Object, "metadata")["namespace"] == nil {
			t.Fatalf("%s has no namespace", set.Source)
		}
	}
}
