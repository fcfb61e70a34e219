// Package cloud plays the clouds and their providers: managed resources become ready after a while, get an id where the
// provider's own configuration says that the cloud invents it, and all that is made, found and deleted stands in a book.
// It is not for how a provider behaves beyond that: references are not resolved and nothing drifts.
package cloud

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/manifest"
)

// Cluster is a way into a cluster that the cloud made.
type Cluster struct {
	Endpoint    string // HOST:PORT
	Certificate []byte // PEM
}

// Player plays for one hub. What its Clusters gives is the API server of a cluster that the cloud makes; it may take its
// time.
type Player struct {
	Hub      string
	Client   hub.Client
	Book     *Book
	Clusters func(ctx context.Context, name string) (Cluster, error)
	Gone     func(name string) // a cluster that was deleted
	Log      func(format string, args ...any)

	lock    sync.Mutex
	watched map[hub.Kind]bool
	objects map[string]*seen // by uid
	faults  map[string]string
	unknown map[string]bool
}

// seen is what the player remembers of an object.
type seen struct {
	sync.Mutex
	since      time.Time
	generation float64
	waiting    bool
	named      bool   // its name was written down
	fixed      string // what it was made with and keeps
}

const (
	finalizer    = "finalizer.managedresource.crossplane.io"
	externalName = "crossplane.io/external-name"
	look         = 2 * time.Second // between two looks for new kinds
)

// slow tells how long the cloud takes for a thing: long things in short.
func slow(kind string) time.Duration {
	switch kind {
	case "Cluster", "KubernetesCluster":
		return 5 * time.Second
	case "NodeGroup", "NodePool", "KubernetesClusterNodePool", "Instance", "DatabaseInstance", "FlexibleServer":
		return 3 * time.Second
	default:
		return 0
	}
}

// Play plays until the context ends. Kinds may come later.
func (p *Player) Play(ctx context.Context) {
	p.watched, p.objects = map[hub.Kind]bool{}, map[string]*seen{}
	p.unknown = map[string]bool{}
	for ctx.Err() == nil {
		found, err := p.Client.Kinds(ctx, providers)
		if err == nil {
			for _, kind := range found {
				p.watch(ctx, kind)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(look):
		}
	}
}

// providers are the groups of the clouds' providers, in both generations.
func providers(group string) bool {
	return strings.HasSuffix(group, ".upbound.io") && !strings.HasPrefix(group, "opentofu.")
}

func (p *Player) watch(ctx context.Context, kind hub.Kind) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.watched[kind] || strings.Contains(kind.Kind, "ProviderConfig") {
		return
	}
	p.watched[kind] = true
	group, _, _ := strings.Cut(kind.APIVersion, "/")
	known, ok := externalname.Of(group, kind.Kind)
	if !ok {
		p.unknown[kind.Kind+"."+group] = true
		return
	}
	go p.Client.Watch(ctx, kind.APIVersion, kind.Kind, func(event hub.Event) {
		if event.Type == "DELETED" {
			return
		}
		if err := p.serve(ctx, known, event.Object); err != nil && ctx.Err() == nil {
			p.Log("cloud: %s: %v", manifest.Identify(event.Object), err)
		}
	})
}

// Unknown lists the kinds that the table of names has no line for. Nobody serves them.
func (p *Player) Unknown() []string {
	p.lock.Lock()
	defer p.lock.Unlock()
	return slices.Sorted(maps.Keys(p.unknown))
}

// Fail has the cloud fail at what KIND/NAME asks for, with a message, until it is told to stop with an empty one.
func (p *Player) Fail(thing, message string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.faults == nil {
		p.faults = map[string]string{}
	}
	p.faults[thing] = message
}

func (p *Player) memory(uid string) *seen {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.objects[uid] == nil {
		p.objects[uid] = &seen{since: time.Now()}
	}
	return p.objects[uid]
}

// serve does what an object asks for as far as it can be done now.
func (p *Player) serve(ctx context.Context, kind externalname.Kind, object manifest.Object) error {
	m := metadata(object)
	memory := p.memory(m.uid)
	memory.Lock()
	defer memory.Unlock()
	object, err := p.current(ctx, object, memory)
	if err != nil || object == nil {
		return err
	}
	m = metadata(object)
	r := request{kind: kind, hub: p.Hub, environment: m.environment, object: m.name, name: m.externalName, create: may(object, "Create")}
	id := manifest.Identify(object)
	if m.deleting {
		return p.release(ctx, id, r, m, may(object, "Delete"))
	}
	fixed := fixedOf(title(kind), object)
	if memory.fixed != "" && fixed != memory.fixed && p.Book.has(r) {
		return p.refuse(ctx, object, fmt.Sprintf("update failed: cannot change %q to %q: it would have to be made anew", memory.fixed, fixed))
	}
	generation, _ := hub.Fields(object, "metadata")["generation"].(float64)
	settled := hub.Holds(object, "Ready") && hub.Holds(object, "Synced") && slices.Contains(m.finalizers, finalizer)
	if settled && m.externalName != "" && !p.Book.has(r) { // somebody took it away
		memory.since, memory.waiting, settled = time.Now(), false, false
	}
	if settled && (memory.generation == generation || memory.generation == 0) {
		memory.generation, memory.fixed = generation, fixed
		_ = p.Book.ask(r) // a hub that starts anew finds what is there
		return nil
	}
	p.lock.Lock()
	fault := p.faults[title(kind)+"/"+m.name]
	p.lock.Unlock()
	if fault != "" {
		return p.refuse(ctx, object, fault)
	}
	if settled {
		p.Book.update(r)
		memory.generation = generation
		return p.Client.Tell(ctx, id, map[string]any{"conditions": conditions(generation, true)})
	}
	answer := p.Book.ask(r)
	if answer.problem != "" {
		return p.refuse(ctx, object, answer.problem)
	}
	if err := p.name(ctx, id, m, answer.name); err != nil {
		return err
	}
	memory.named = true
	wait := slow(kind.Name)
	if answer.deed == Found {
		wait = 0
	}
	if left := time.Until(memory.since.Add(wait)); left > 0 {
		if !memory.waiting {
			memory.waiting = true
			time.AfterFunc(left, func() { p.again(ctx, kind, id) })
			return p.Client.Tell(ctx, id, map[string]any{"conditions": conditions(generation, false)})
		}
		return nil
	}
	memory.generation, memory.fixed = generation, fixed
	return p.ready(ctx, kind, object, answer.name, generation)
}

// current is an object as it stands, where what was seen of it may be older than the name that was written down: a provider makes
// nothing again before it has read what it wrote. Nothing where the object has gone.
func (p *Player) current(ctx context.Context, object manifest.Object, memory *seen) (manifest.Object, error) {
	if !memory.named || metadata(object).externalName != "" {
		return object, nil
	}
	fresh, err := p.Client.Get(ctx, manifest.Identify(object))
	if hub.Is(err, 404) {
		return nil, nil
	}
	return fresh, err
}

// Lose takes the things of an environment whose KIND.SERVICE.CLOUD matches out of the cloud, as somebody at its console does, and
// has all objects look again.
func (p *Player) Lose(ctx context.Context, environment string, match func(title string) bool) {
	p.Book.lose(environment, match)
	p.Again(ctx)
}

// Again has the cloud look at all objects once more, as providers do from time to time.
func (p *Player) Again(ctx context.Context) {
	p.lock.Lock()
	kinds := slices.Collect(maps.Keys(p.watched))
	p.lock.Unlock()
	for _, kind := range kinds {
		group, _, _ := strings.Cut(kind.APIVersion, "/")
		known, ok := externalname.Of(group, kind.Kind)
		objects, err := p.Client.List(ctx, kind.APIVersion, kind.Kind)
		if err != nil || !ok {
			continue // such as one that has just gone
		}
		for _, object := range objects {
			p.again(ctx, known, manifest.Identify(object))
		}
	}
}

// again serves an object once more, later.
func (p *Player) again(ctx context.Context, kind externalname.Kind, id manifest.ID) {
	object, err := p.Client.Get(ctx, id)
	if err == nil {
		err = p.serve(ctx, kind, object)
	}
	if err != nil && ctx.Err() == nil && !hub.Is(err, 404) {
		p.Log("cloud: %s: %v", id, err)
	}
}

// name writes down what the cloud calls a thing, and holds the object until the thing is let go.
func (p *Player) name(ctx context.Context, id manifest.ID, m meta, name string) error {
	if m.externalName == name && slices.Contains(m.finalizers, finalizer) {
		return nil
	}
	finalizers := m.finalizers
	if !slices.Contains(finalizers, finalizer) {
		finalizers = append(slices.Clone(finalizers), finalizer)
	}
	return p.Client.Change(ctx, id, map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{externalName: name}, "finalizers": finalizers,
	}})
}

func (p *Player) ready(ctx context.Context, kind externalname.Kind, object manifest.Object, name string, generation float64) error {
	id := manifest.Identify(object)
	var cluster Cluster
	if isCluster(kind) {
		var err error
		if cluster, err = p.Clusters(ctx, name); err != nil {
			return err
		}
	}
	for _, secret := range secretsOf(object) {
		if err := p.secret(ctx, secret, cluster); err != nil {
			return err
		}
	}
	return p.Client.Tell(ctx, id, map[string]any{"atProvider": facts(title(kind), id.Name, name, cluster), "conditions": conditions(generation, true)})
}

func isCluster(kind externalname.Kind) bool {
	return kind.Name == "Cluster" || kind.Name == "KubernetesCluster"
}

// secretsOf names the Secrets that the provider writes: its connection, and a password that it makes up.
func secretsOf(object manifest.Object) []manifest.ID {
	var secrets []manifest.ID
	for _, path := range [][]string{
		{"spec", "writeConnectionSecretToRef"}, {"spec", "forProvider", "passwordSecretRef"}, {"spec", "forProvider", "administratorPasswordSecretRef"},
	} {
		reference := hub.Fields(object, path...)
		id := manifest.ID{APIVersion: "v1", Kind: "Secret", Namespace: manifest.Identify(object).Namespace}
		if id.Namespace == "" { // of the older generation, whose objects live in none
			id.Namespace, _ = reference["namespace"].(string)
		}
		if id.Name, _ = reference["name"].(string); id.Name != "" {
			secrets = append(secrets, id)
		}
	}
	return secrets
}

// secret is where the provider leaves what it may not say aloud.
func (p *Player) secret(ctx context.Context, id manifest.ID, cluster Cluster) error {
	password, certificate := base64.StdEncoding.EncodeToString([]byte("made-by-the-cloud")), base64.StdEncoding.EncodeToString(cluster.Certificate)
	object := manifest.New(id.APIVersion, id.Kind, id.Namespace, id.Name)
	object["data"] = map[string]any{
		"password": password, "attribute.password": password,
		"attribute.kube_config.0.cluster_ca_certificate": base64.StdEncoding.EncodeToString([]byte(certificate)), "kubeconfig.clustercacertificate": certificate,
	}
	if err := p.Client.Create(ctx, object); err != nil && !hub.Is(err, 409) {
		return err
	}
	return nil
}

// refuse says of an object what went wrong, once.
func (p *Player) refuse(ctx context.Context, object manifest.Object, problem string) error {
	for _, each := range hub.Items(hub.Fields(object, "status")["conditions"]) {
		if condition, _ := each.(map[string]any); condition["type"] == "Synced" && condition["message"] == problem {
			return nil
		}
	}
	return p.Client.Tell(ctx, manifest.Identify(object), map[string]any{"conditions": []any{
		condition("Synced", "False", "ReconcileError", problem, 0), condition("Ready", "False", "Creating", "", 0),
	}})
}

// release lets an object go, and the thing with it where the object may delete it.
func (p *Player) release(ctx context.Context, id manifest.ID, r request, m meta, remove bool) error {
	if !slices.Contains(m.finalizers, finalizer) {
		return nil
	}
	p.Book.leave(r, remove)
	if remove && isCluster(r.kind) {
		p.Gone(r.name)
	}
	rest := slices.DeleteFunc(slices.Clone(m.finalizers), func(each string) bool { return each == finalizer })
	err := p.Client.Change(ctx, id, map[string]any{"metadata": map[string]any{"finalizers": rest}})
	if hub.Is(err, 404) {
		return nil
	}
	return err
}

func conditions(generation float64, ready bool) []any {
	if ready {
		return []any{condition("Synced", "True", "ReconcileSuccess", "", generation), condition("Ready", "True", "Available", "", generation)}
	}
	return []any{condition("Synced", "True", "ReconcileSuccess", "", generation), condition("Ready", "False", "Creating", "", generation)}
}

func condition(kind, status, reason, message string, generation float64) map[string]any {
	fields := map[string]any{"type": kind, "status": status, "reason": reason, "lastTransitionTime": time.Now().UTC().Format(time.RFC3339)}
	if message != "" {
		fields["message"] = message
	}
	if generation > 0 {
		fields["observedGeneration"] = int64(generation)
	}
	return fields
}

// meta is what the player reads of an object's metadata.
type meta struct {
	uid, name, environment, externalName string
	finalizers                           []string
	deleting                             bool
}

func metadata(object manifest.Object) meta {
	fields := hub.Fields(object, "metadata")
	m := meta{}
	m.uid, _ = fields["uid"].(string)
	m.name, _ = fields["name"].(string)
	m.environment, _ = hub.Fields(object, "metadata", "labels")["spokewright.dev/environment"].(string)
	if m.environment == "" {
		m.environment, _ = fields["namespace"].(string)
	}
	m.externalName, _ = hub.Fields(object, "metadata", "annotations")[externalName].(string)
	_, m.deleting = fields["deletionTimestamp"]
	for _, each := range hub.Items(fields["finalizers"]) {
		m.finalizers = append(m.finalizers, fmt.Sprint(each))
	}
	return m
}

// may tells whether an object's policies allow something.
func may(object manifest.Object, what string) bool {
	policies := hub.Items(hub.Fields(object, "spec")["managementPolicies"])
	return len(policies) == 0 || slices.Contains(policies, any("*")) || slices.Contains(policies, any(what))
}
