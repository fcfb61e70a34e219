package conformance

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/conformance/registry"
	"spokewright.dev/spokewright/internal/manifest"
)

// imageRegistry is a registry with images, some of them signed by the real cosign, and the means to have Spokewright write the
// policies of a fleet whose registry that is.
type imageRegistry struct {
	*registry.Registry

	ctx       context.Context
	cosign    registry.Cosign
	ours      registry.Key
	theirs    registry.Key
	images    map[string]string // by what becomes of them, each by digest
	elsewhere string            // an image of another registry
	bin       string            // the folder of our program
}

func newImageRegistry(t *testing.T) imageRegistry {
	t.Helper()
	ctx := process.Context(t)
	program, err := cache(t).Program(ctx, "cosign")
	require.NoError(t, err)
	q := imageRegistry{Registry: registry.Start(t), ctx: ctx, cosign: registry.Cosign{Program: program}, images: map[string]string{}, bin: released(ctx, t)}
	q.ours, err = q.cosign.Generate(ctx, filepath.Join(t.TempDir(), "ours"))
	require.NoError(t, err)
	q.theirs, err = q.cosign.Generate(ctx, filepath.Join(t.TempDir(), "theirs"))
	require.NoError(t, err)
	q.elsewhere, err = registry.Start(t).Push("shop/elsewhere:1")
	require.NoError(t, err)
	q.load(t)
	return q
}

// load pushes and signs the images, in both forms that cosign has.
func (q imageRegistry) load(t *testing.T) {
	t.Helper()
	for _, form := range []registry.Form{registry.Attached, registry.Bundle} {
		signed, strange := q.push(t, "signed-"+string(form)), q.push(t, "strange-"+string(form))
		q.sign(t, q.ours, form, signed)
		q.sign(t, q.theirs, form, strange)
		require.NoError(t, q.Borrow(signed, q.push(t, "borrowed-"+string(form))))
		both := q.push(t, "both-"+string(form))
		q.sign(t, q.theirs, form, both)
		q.sign(t, q.ours, form, both)
		q.sign(t, q.ours, form, q.push(t, "moved-"+string(form)))
		q.push(t, "moved-"+string(form)) // the tag is another image's now
		q.sign(t, q.ours, form, q.push(t, "index-"+string(form), "linux/amd64", "linux/arm64"))
	}
	q.push(t, "unsigned")
	mixed := q.push(t, "mixed")
	q.sign(t, q.ours, registry.Attached, mixed)
	q.sign(t, q.theirs, registry.Bundle, mixed)
	require.NoError(t, q.cosign.Attest(q.ctx, q.ours, q.push(t, "attested")))
}

// push makes an image, for some platforms if they are named, and keeps it under its name; its tag is 1.
func (q imageRegistry) push(t *testing.T, name string, platforms ...string) string {
	t.Helper()
	image, err := q.Push("shop/"+name+":1", platforms...)
	require.NoError(t, err)
	q.images[name] = image
	return image
}

func (q imageRegistry) sign(t *testing.T, key registry.Key, form registry.Form, image string) {
	t.Helper()
	require.NoError(t, q.cosign.Sign(q.ctx, key, form, image))
}

// tagged is the image as people write it.
func (q imageRegistry) tagged(name string) string { return q.Host + "/shop/" + name + ":1" }

// policies are those for images that Spokewright writes for a production spoke of the sample, had it this registry and
// these signatures, as CUE.
func (q imageRegistry) policies(t *testing.T, signatures string) []manifest.Object {
	t.Helper()
	root := copyOfSample(t)
	files, err := filepath.Glob(filepath.Join(root, "environments/*.cue"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(text, []byte("registry.example.com"), []byte(q.Host)), 0o600))
	}
	put(t, root, ">> environments/fleet.cue", signatures+"\n")
	render := exec.CommandContext(q.ctx, filepath.Join(q.bin, "spokewright"), "-C", root, "render", "-o", "-", "prod-eu/spoke")
	stream, err := output(render)
	require.NoError(t, err)
	var policies []manifest.Object
	for _, object := range objectsOf(t, stream) {
		if kind := manifest.Identify(object).Kind; kind == "ImageValidatingPolicy" || kind == "MutatingPolicy" {
			policies = append(policies, object)
		}
	}
	return policies
}

// withKey are the policies of a fleet that says no more than its key.
func (q imageRegistry) withKey(t *testing.T) []manifest.Object {
	t.Helper()
	policies := q.policies(t, fmt.Sprintf("signatures: key: %q", q.ours.Public))
	require.Len(t, policies, 3)
	return policies
}

// judging are the policies that judge images, beside the one that changes their names.
func judging(policies []manifest.Object) []manifest.Object {
	return slices.DeleteFunc(slices.Clone(policies), func(policy manifest.Object) bool {
		return manifest.Identify(policy).Kind != "ImageValidatingPolicy"
	})
}

// pod makes a Pod of images, each for a container; "init:" or "ephemeral:" before one says which kind of container.
func pod(name string, images ...string) manifest.Object {
	spec := map[string]any{"containers": []any{}}
	for i, image := range images {
		field := "containers"
		if kind, rest, found := strings.Cut(image, ":"); found && (kind == "init" || kind == "ephemeral") {
			field, image = kind+"Containers", rest
		}
		containers, _ := spec[field].([]any)
		spec[field] = append(containers, map[string]any{"name": fmt.Sprintf("c%d", i), "image": image})
	}
	object := manifest.New("v1", "Pod", "shop", name)
	object["spec"] = spec
	return object
}

// workload puts a Pod into an object that makes Pods like it.
func workload(apiVersion, kind string, of manifest.Object) manifest.Object {
	id := manifest.Identify(of)
	object := manifest.New(apiVersion, kind, id.Namespace, id.Name)
	labels := map[string]any{"app": id.Name}
	spec := of["spec"].(map[string]any)
	made := map[string]any{"template": map[string]any{"metadata": map[string]any{"labels": labels}, "spec": spec}}
	if apiVersion == "apps/v1" {
		made["selector"] = map[string]any{"matchLabels": labels}
	} else {
		spec["restartPolicy"] = "Never"
	}
	if kind == "CronJob" {
		made = map[string]any{"schedule": "0 4 * * *", "jobTemplate": map[string]any{"spec": made}}
	}
	object["spec"] = made
	return object
}
