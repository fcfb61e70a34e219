package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/internal/manifest"
)

const unsignedMessage = "images are signed with the fleet's key"

// The real API server with Kyverno's admission controller lets in what is signed, bound to the digest that was verified,
// and nothing else that must be signed: not by another way in and not later. Who does not answer keeps nobody out.
func TestKyvernoAdmitsSignedImages(t *testing.T) {
	dock := newDock(t)
	for _, part := range []struct {
		name  string
		judge func(*testing.T)
	}{
		{"Pods", dock.judgesPods},
		{"what makes Pods", dock.judgesWorkloads},
		{"changes", dock.judgesChanges},
		{"ephemeral containers", dock.judgesDebugging},
		{"tags that move", dock.followsNoTag},
		{"what need not be signed", dock.leavesOthersAlone},
		{"a registry that does not answer", dock.keepsNobodyOut},
	} {
		t.Run(part.name, part.judge)
	}
}

// dock is a spoke with the policies in force, and a imageRegistry with images for it.
type dock struct {
	imageRegistry

	server *hub.Hub
}

func newDock(t *testing.T) dock {
	t.Helper()
	d := dock{imageRegistry: newImageRegistry(t)}
	program, err := cache(t).Program(d.ctx, "kyverno-admission")
	require.NoError(t, err)
	d.server = hub.Start(t, cache(t))
	require.NoError(t, d.server.Define(d.ctx, kyvernoDefinitions(d.ctx, t)))
	for _, name := range []string{"shop", "monitoring"} {
		require.NoError(t, d.server.Apply(d.ctx, namespace(t, name)))
	}
	d.create(t, pod("old", d.tagged("unsigned"))) // before there was a policy
	kyverno.Admit(d.ctx, t, d.server, program)
	for _, policy := range d.withKey(t) {
		warnings, err := d.server.Judge(d.ctx, document(t, policy))
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.NoError(t, d.server.Apply(d.ctx, document(t, policy)))
	}
	unsigned := pod("probe", d.tagged("unsigned"))
	for _, object := range []manifest.Object{unsigned, workload("apps/v1", "Deployment", unsigned)} {
		require.Eventually(t, func() bool {
			_, err := d.server.Preview(d.ctx, document(t, object))
			return err != nil && strings.Contains(said(err), unsignedMessage)
		}, 90*time.Second, 200*time.Millisecond, "%s was never refused", manifest.Identify(object))
	}
	require.Eventually(t, func() bool {
		_, err := d.server.Preview(d.ctx, document(t, pod("probe", d.tagged("signed-attached"))))
		return err == nil
	}, 90*time.Second, 200*time.Millisecond, "what is signed was never let in by its tag")
	return d
}

func kyvernoDefinitions(ctx context.Context, t *testing.T) []documents.Document {
	t.Helper()
	for _, project := range crds.Projects() {
		if project.Name == "Kyverno" {
			definitions, err := crds.Read(ctx, project)
			require.NoError(t, err)
			return definitions
		}
	}
	t.Fatal("Kyverno has no definitions")
	return nil
}

// create puts an object there and gives what is stored.
func (d dock) create(t *testing.T, object manifest.Object) manifest.Object {
	t.Helper()
	require.NoError(t, d.server.Apply(d.ctx, document(t, object)))
	stored, err := d.server.Get(d.ctx, manifest.Identify(object))
	require.NoError(t, err)
	return stored
}

// refuses wants an object to be refused, in words that hold those given.
func (d dock) refuses(t *testing.T, object manifest.Object, words string) {
	t.Helper()
	_, err := d.server.Preview(d.ctx, document(t, object))
	require.Error(t, err, "%s is let in", manifest.Identify(object))
	assert.Contains(t, said(err), "denied the request")
	assert.Contains(t, said(err), "Policy signed-images")
	assert.Contains(t, said(err), words, manifest.Identify(object))
}

// imagesOf are the images of an object that the server stores, in the order of the fields in which they stand.
func imagesOf(object manifest.Object) []string {
	spec := object["spec"].(map[string]any)
	if template, is := spec["template"].(map[string]any); is {
		spec = template["spec"].(map[string]any)
	}
	var images []string
	for _, field := range []string{"containers", "initContainers", "ephemeralContainers"} {
		containers, _ := spec[field].([]any)
		for _, container := range containers {
			images = append(images, container.(map[string]any)["image"].(string))
		}
	}
	return images
}

// judgesPods asks about every Pod of the table, with tags for digests: the API server must bind what it lets in.
func (d dock) judgesPods(t *testing.T) {
	for _, s := range d.pods() {
		object := manifest.Copy(s.object)
		if manifest.Identify(object).Name == "tag" || object["spec"].(map[string]any)["ephemeralContainers"] != nil {
			continue // here a tag becomes a digest, and an ephemeral container does not come with its Pod
		}
		switch s.verdict {
		case "fail":
			d.refuses(t, object, unsignedMessage)
		case "error": // an image that is not in the registry: no node can run it
		default:
			if manifest.Identify(object).Namespace == "shop" {
				assert.Equal(t, imagesOf(s.object), imagesOf(d.create(t, object)))
			}
		}
	}
	first, second := d.tagged("signed-attached"), d.tagged("signed-bundle")
	stored := d.create(t, pod("tagged", first, first, "init:"+second, second, d.elsewhere, "init:"+d.images["both-attached"]))
	first, second = first+"@"+digestOf(d.images["signed-attached"]), second+"@"+digestOf(d.images["signed-bundle"])
	assert.Equal(t, []string{first, first, second, d.elsewhere, second, d.images["both-attached"]}, imagesOf(stored))
	d.refuses(t, pod("tagged-unsigned", d.tagged("signed-attached"), "init:"+d.tagged("unsigned")), unsignedMessage)
}

func digestOf(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}

// judgesWorkloads: what makes Pods is judged as they are, and kept as it was sent, for Argo CD would send it again for ever.
func (d dock) judgesWorkloads(t *testing.T) {
	for _, s := range d.workloads() {
		if s.verdict == "fail" {
			d.refuses(t, s.object, unsignedMessage)
			continue
		}
		stored, err := d.server.Preview(d.ctx, document(t, s.object))
		require.NoError(t, err)
		if manifest.Identify(stored).Kind != "CronJob" {
			assert.Equal(t, imagesOf(s.object), imagesOf(stored))
		}
	}
}

// judgesChanges: an image that comes later is judged as one that comes first; a change of anything else is not.
func (d dock) judgesChanges(t *testing.T) {
	d.create(t, pod("changing", d.tagged("signed-attached")))
	d.refuses(t, pod("changing", d.tagged("unsigned")), unsignedMessage)
	d.refuses(t, pod("changing", d.tagged("strange-bundle")), unsignedMessage)
	changed := d.create(t, pod("changing", d.tagged("signed-bundle")))
	assert.Equal(t, []string{d.tagged("signed-bundle") + "@" + digestOf(d.images["signed-bundle"])}, imagesOf(changed))

	deployment := workload("apps/v1", "Deployment", pod("changing", d.tagged("signed-attached")))
	d.create(t, deployment)
	d.refuses(t, workload("apps/v1", "Deployment", pod("changing", d.tagged("unsigned"))), unsignedMessage)

	old := pod("old", d.tagged("unsigned"))
	manifest.Label(old, map[string]string{"owner": "team-a"})
	assert.Equal(t, []string{d.tagged("unsigned")}, imagesOf(d.create(t, old)), "what runs already is left as it is")
}

// judgesDebugging: `kubectl debug` adds a container to a Pod that runs, by a way of its own.
func (d dock) judgesDebugging(t *testing.T) {
	running := d.create(t, pod("running", d.tagged("signed-attached")))
	debug := func(image string) error {
		return d.server.Merge(d.ctx, manifest.Identify(running), "ephemeralcontainers", map[string]any{"spec": map[string]any{
			"ephemeralContainers": []any{map[string]any{"name": "debugger", "image": image}},
		}})
	}
	err := debug(d.tagged("unsigned"))
	require.Error(t, err)
	assert.Contains(t, said(err), unsignedMessage)
	require.NoError(t, debug(d.tagged("signed-bundle")))
	stored, err := d.server.Get(d.ctx, manifest.Identify(running))
	require.NoError(t, err)
	assert.Equal(t, d.tagged("signed-bundle")+"@"+digestOf(d.images["signed-bundle"]), imagesOf(stored)[1])
}

// followsNoTag: a tag that goes to another image after it was verified does not bring that in.
func (d dock) followsNoTag(t *testing.T) {
	image := d.push(t, "moving")
	d.sign(t, d.ours, "bundle", image)
	before := d.create(t, pod("before", d.tagged("moving")))
	d.push(t, "moving")
	d.refuses(t, pod("after", d.tagged("moving")), unsignedMessage)
	require.Len(t, imagesOf(before), 1)
	assert.Equal(t, digestOf(image), digestOf(imagesOf(before)[0]), "a node pulls what was verified")
	d.create(t, pod("after-by-digest", image))
}

// leavesOthersAlone: neither the platform nor other images are anybody's business here.
func (d dock) leavesOthersAlone(t *testing.T) {
	assert.Equal(t, []string{d.elsewhere}, imagesOf(d.create(t, pod("elsewhere", d.elsewhere))))
	system := pod("agent", d.tagged("unsigned"))
	system["metadata"].(map[string]any)["namespace"] = "monitoring"
	assert.Equal(t, []string{d.tagged("unsigned")}, imagesOf(d.create(t, system)))
}

// keepsNobodyOut: a registry that is down holds up no app, signed or not, and nobody else.
func (d dock) keepsNobodyOut(t *testing.T) {
	fresh := d.push(t, "fresh")
	release := d.Hold()
	defer release()
	_, err := d.server.Preview(d.ctx, document(t, pod("fresh", fresh))) // less than a minute
	require.NoError(t, err)
	d.create(t, pod("elsewhere-meanwhile", d.elsewhere))
	for _, name := range []string{"old", "elsewhere"} {
		labelled, err := d.server.Get(d.ctx, manifest.ID{APIVersion: "v1", Kind: "Pod", Namespace: "shop", Name: name})
		require.NoError(t, err)
		again := pod(name, imagesOf(labelled)...)
		manifest.Label(again, map[string]string{"seen": fmt.Sprint(true)})
		require.NoError(t, d.server.Apply(d.ctx, document(t, again)))
	}
}
