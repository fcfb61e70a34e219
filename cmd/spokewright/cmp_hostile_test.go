package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// canary is what must never be printed. It stands in files outside the checkout and in the environment.
const canary = "canary-7f3e"

// checkout is a hostile change to the fleet in testdata/fleet: files by their path in it. A text that begins with "-> " is
// a symbolic link. $OUTSIDE is a folder beside the checkout, as ../../../../outside seen from overlays/dev/hub.
type checkout map[string]string

// lay writes the fleet with the change, and canaries around it. It gives the checkout's root.
func (c checkout) lay(t *testing.T) string {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	root, outside := filepath.Join(base, "checkout"), filepath.Join(base, "outside")
	require.NoError(t, lay(filepath.Join(outside, "fleet"), "testdata/fleet"))
	for name, text := range map[string]string{
		"canary.yaml":        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stolen}\ndata: {key: " + canary + "}\n",
		"canary.txt":         canary + "=" + canary + "\n",
		"canary.cue":         `class: "development", owner: "` + canary + `", cluster: {cloud: "aws", region: "eu-west-1"}`,
		"kustomization.yaml": "resources: [canary.yaml]\n",
	} {
		writeText(t, outside, name, text)
	}
	writeText(t, outside, "component/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigMapGenerator: [{name: stolen, literals: [a="+canary+"]}]\n")
	for name, text := range c {
		file := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		text = strings.ReplaceAll(text, "$OUTSIDE", outside)
		if target, link := strings.CutPrefix(text, "-> "); link {
			require.NoError(t, os.Symlink(target, file))
		} else {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o755))
		}
	}
	require.NoError(t, lay(root, "testdata/fleet"))
	return root
}

// kustomization is that of overlays/dev/hub with some fields, each a line, in place of or beside its own.
func kustomization(fields ...string) checkout {
	text := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsortOptions: {order: fifo}\n"
	for _, own := range []string{"resources: [../../../bases/plane]", "generators: [environment.yaml]", "transformers: [guard.yaml]"} {
		name, _, _ := strings.Cut(own, ":")
		if !strings.Contains("\n"+strings.Join(fields, "\n"), "\n"+name+":") {
			text += own + "\n"
		}
	}
	return checkout{"overlays/dev/hub/kustomization.yaml": text + strings.Join(fields, "\n") + "\n"}
}

// and is the change with one file more.
func (c checkout) and(name, text string) checkout {
	c[name] = text
	return c
}

// resource lists one resource beside the overlay's own.
func resource(entry string) checkout {
	return kustomization("resources: [../../../bases/plane, '" + entry + "']")
}

// here is a file of the overlay, linked or listed as a resource.
func here(text string) checkout { return resource("x.yaml").and("overlays/dev/hub/x.yaml", text) }

// spec is another spec of the environment.
func spec(text string) checkout { return checkout{"environments/dev.cue": text} }

const usual = `class: "development", cluster: {cloud: "aws", region: "eu-west-1"}`

// environmentFile is the Environment with another file field.
func environmentFile(file string) checkout {
	return checkout{"overlays/dev/hub/environment.yaml": strings.ReplaceAll(config("Environment", "dev", "hub"), "../../../environments/dev.cue", file)}
}

// function is a generator beside the overlay's own, with a function annotation.
func function(head, annotation string) checkout {
	return kustomization("generators: [environment.yaml, f.yaml]").and("overlays/dev/hub/f.yaml",
		head+"\nmetadata:\n  name: evil\n  annotations:\n    config.kubernetes.io/function: '"+annotation+"'\n").and("overlays/dev/hub/evil.sh", evil)
}

// evil is a function that leaves a mark beside itself. Nothing may ever start it.
const evil = "#!/bin/sh\necho started > \"$(dirname \"$0\")/started\"\nenv\n"

const strangeKind = "apiVersion: example.com/v1\nkind: Evil"

// hostileCase is one of them: a checkout, or what an Application says.
type hostileCase struct {
	tree             checkout
	in               string // the Application's folder; overlays/dev/hub where it is empty
	parameters, path string // ARGOCD_APP_PARAMETERS and ARGOCD_APP_SOURCE_PATH
}

func (c hostileCase) call(t *testing.T) (answer, string) {
	root := c.tree.lay(t)
	dir := c.in
	if dir == "" {
		dir = "overlays/dev/hub"
	}
	p := pluginCall{dir: filepath.Join(root, dir), env: []string{"CANARY=" + canary, "ARGOCD_ENV_CANARY=" + canary, "USER=" + canary, "PWD=" + filepath.Join(root, dir)}}
	if c.parameters != "" {
		p.env = append(p.env, "ARGOCD_APP_PARAMETERS="+c.parameters)
	}
	if c.path != "" {
		p.env = append(p.env, "ARGOCD_APP_SOURCE_PATH="+c.path)
	}
	return p.call(t), root
}

// TestPluginRefusesHostileTrees finds that none succeeds, that each is told why, and that no canary is ever printed.
func TestPluginRefusesHostileTrees(t *testing.T) {
	fine, _ := hostileCase{parameters: `[{"name":"plane","string":"hub"}]`, path: "overlays/dev/hub"}.call(t)
	require.Zero(t, fine.code, "the fleet without a change renders: %s", fine.stderr)
	count := 0
	for want, cases := range hostile() {
		count += len(cases)
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got, root := c.call(t)
				assert.Equal(t, exitWrong, got.code, got.stderr)
				assert.Empty(t, got.stdout)
				assert.Contains(t, got.stderr, want)
				assert.NotContains(t, got.stderr, canary)
				assert.Empty(t, got.left)
				assert.NoFileExists(t, filepath.Join(root, "overlays/dev/hub/started"))
			})
		}
	}
	require.GreaterOrEqual(t, count, 100)
}

// TestPluginOpensNoPipe finds that what is neither file nor folder is refused, not waited for.
func TestPluginOpensNoPipe(t *testing.T) {
	for _, name := range []string{"environments/dev.cue", "environments/fleet.cue", "overlays/dev/hub/kustomization.yaml", "overlays/dev/hub/environment.yaml", "bases/plane/not-rendered.yaml"} {
		root := checkout{}.lay(t)
		pipe := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.Remove(pipe))
		require.NoError(t, syscall.Mkfifo(pipe, 0o644))
		got := pluginCall{dir: filepath.Join(root, "overlays/dev/hub")}.call(t)
		assert.Equal(t, exitWrong, got.code, name)
		assert.Empty(t, got.stdout, name)
		assert.NotEmpty(t, got.stderr, name)
	}
}

// TestPluginStartsNothing gives one of our own functions a program of somebody else's to run. Kustomize would start it; here
// it is refused and nothing runs. A variable without a value is not looked up either.
func TestPluginStartsNothing(t *testing.T) {
	tree := checkout{
		"overlays/dev/hub/evil.sh":          evil,
		"overlays/dev/hub/environment.yaml": strings.Replace(config("Environment", "dev", "hub"), "exec: {path: spokewright, args: [fn]}", "exec: {path: ./evil.sh}", 1),
	}
	got, root := hostileCase{tree: tree}.call(t)
	require.Equal(t, exitWrong, got.code)
	require.Empty(t, got.stdout)
	require.Contains(t, got.stderr, `found the program "./evil.sh", allowed is spokewright`)
	require.NoFileExists(t, filepath.Join(root, "overlays/dev/hub/started"))

	tree = kustomization("configMapGenerator: [{name: x, envs: [x.env]}]").and("overlays/dev/hub/x.env", "CANARY\n")
	got, _ = hostileCase{tree: tree}.call(t)
	require.NotContains(t, got.stdout+got.stderr, canary)
}
