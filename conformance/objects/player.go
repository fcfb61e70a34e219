// Package objects plays provider-kubernetes for one cluster: what an Object of the cluster-wide generation has as its manifest
// is applied there, and the Object says what became of it, as internal/controller/cluster/object of
// github.com/crossplane-contrib/provider-kubernetes v1.2.1 has it. It is not for references to other objects, connection
// details and queries in CEL, which it refuses.
package objects

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

const (
	version      = "kubernetes.crossplane.io/v1alpha2"
	finalizer    = "finalizer.managedresource.crossplane.io"
	externalName = "crossplane.io/external-name"
	everySoon    = 3 * time.Second // the provider: 30 s for what is not ready, 10 min for the rest
)

// Player plays for one cluster.
type Player struct {
	Client hub.Client
	Log    func(format string, args ...any)

	lock sync.Mutex
	seen map[manifest.ID]bool
}

// Play plays until the context ends. The kind may come later.
func (p *Player) Play(ctx context.Context) {
	p.seen = map[manifest.ID]bool{}
	changed := make(chan struct{}, 1)
	go p.Client.Watch(ctx, version, "Object", func(event hub.Event) {
		if event.Type == "DELETED" {
			return // it is found to be gone
		}
		p.lock.Lock()
		p.seen[manifest.Identify(event.Object)] = true
		p.lock.Unlock()
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	for ctx.Err() == nil {
		p.round(ctx)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(everySoon):
		}
	}
}

// round looks at every Object once.
func (p *Player) round(ctx context.Context) {
	p.lock.Lock()
	seen := slices.Collect(maps.Keys(p.seen))
	p.lock.Unlock()
	for _, id := range seen {
		object, err := p.Client.Get(ctx, id) // what the watch told may be older than what was said since
		if err == nil {
			err = p.serve(ctx, object)
		}
		switch {
		case err == nil || ctx.Err() != nil:
		case hub.Is(err, 404):
			p.lock.Lock()
			delete(p.seen, id)
			p.lock.Unlock()
		default:
			p.Log("objects: %s: %v", id, err)
		}
	}
}

// serve does what an Object asks for.
func (p *Player) serve(ctx context.Context, object manifest.Object) error {
	metadata := hub.Fields(object, "metadata")
	_, deleting := metadata["deletionTimestamp"]
	finalizers := hub.Items(metadata["finalizers"])
	switch {
	case len(policies(object)) == 0:
		return nil // it is paused
	case deleting && !slices.Contains(finalizers, any(finalizer)), deleting && len(finalizers) > 1 && mayDelete(object):
		return nil // others hold it
	case deleting:
		return p.release(ctx, object, finalizers)
	}
	if err := p.hold(ctx, object, finalizers); err != nil {
		return err
	}
	made, problem := p.bring(ctx, object)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ready, err := readiness(object, made)
	return p.tell(ctx, object, made, ready, errors.Join(problem, err))
}

// hold has the Object stay until what it made is let go.
func (p *Player) hold(ctx context.Context, object manifest.Object, finalizers []any) error {
	id := manifest.Identify(object)
	_, named := hub.Fields(object, "metadata", "annotations")[externalName]
	if named && slices.Contains(finalizers, any(finalizer)) {
		return nil
	}
	if !slices.Contains(finalizers, any(finalizer)) {
		finalizers = append(slices.Clone(finalizers), finalizer)
	}
	return p.Client.Change(ctx, id, map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{externalName: id.Name}, "finalizers": finalizers,
	}})
}

// bring makes what the Object wants be there, as far as it may, and gives what is there.
func (p *Player) bring(ctx context.Context, object manifest.Object) (manifest.Object, error) {
	spec := hub.Fields(object, "spec")
	for _, field := range []string{"references", "connectionDetails", "writeConnectionSecretToRef"} {
		if spec[field] != nil {
			return nil, fmt.Errorf("nobody plays %s", field)
		}
	}
	config, _ := hub.Fields(spec, "providerConfigRef")["name"].(string)
	if _, err := p.Client.Get(ctx, manifest.ID{APIVersion: "kubernetes.crossplane.io/v1alpha1", Kind: "ProviderConfig", Name: config}); err != nil {
		return nil, fmt.Errorf("connect failed: cannot get provider config: %w", err)
	}
	wanted := wants(object)
	there, err := p.Client.Get(ctx, manifest.Identify(wanted))
	switch {
	case err == nil && !may(object, "Update"):
		return there, nil
	case err != nil && !hub.Is(err, 404):
		return nil, fmt.Errorf("observe failed: cannot get object: %w", err)
	case err != nil && !may(object, "Create"):
		return nil, errors.New("observe failed: external resource does not exist")
	}
	made, err := p.Client.ApplyAs(ctx, "provider-kubernetes/"+manifest.Identify(object).Name, wanted)
	if err != nil {
		return there, fmt.Errorf("cannot apply object: %w", err)
	}
	return made, nil
}

// wants is what the Object is for; without a name of its own it has the Object's.
func wants(object manifest.Object) manifest.Object {
	wanted := manifest.Copy(hub.Fields(object, "spec", "forProvider", "manifest"))
	if id := manifest.Identify(wanted); id.Name == "" {
		manifest.Set(wanted, manifest.Identify(object).Name, "metadata", "name")
	}
	return wanted
}

// tell has the Object say what is there, where it does not say so already.
func (p *Player) tell(ctx context.Context, object, made manifest.Object, ready map[string]any, problem error) error {
	status := map[string]any{}
	told := hub.Fields(object, "status", "atProvider", "manifest")
	if made != nil && !manifest.Equal(told, made) {
		status["atProvider"] = map[string]any{"manifest": instead(told, made)}
	}
	synced := condition("Synced", "True", "ReconcileSuccess", "")
	if problem != nil {
		synced = condition("Synced", "False", "ReconcileError", problem.Error())
	}
	before := hub.Items(hub.Fields(object, "status")["conditions"])
	if after := with(with(before, synced), ready); !manifest.Equal(before, after) {
		status["conditions"] = after
	}
	if len(status) == 0 {
		return nil
	}
	return p.Client.Tell(ctx, manifest.Identify(object), status)
}

// readiness is the condition that follows from what is there.
func readiness(object, made manifest.Object) (map[string]any, error) {
	if made == nil {
		return condition("Ready", "False", "Creating", ""), nil
	}
	isReady := false
	switch policy, _ := hub.Fields(object, "spec", "readiness")["policy"].(string); policy {
	case "", "SuccessfulCreate":
		isReady = true
	case "DeriveFromObject":
		isReady = hub.Holds(made, "Ready")
	case "AllTrue":
		all := hub.Items(hub.Fields(made, "status")["conditions"])
		isReady = len(all) > 0 && !slices.ContainsFunc(all, func(each any) bool { fields, _ := each.(map[string]any); return fields["status"] != "True" })
	default:
		return condition("Ready", "False", "Unavailable", ""), fmt.Errorf("nobody plays the readiness policy %q", policy)
	}
	if isReady {
		return condition("Ready", "True", "Available", ""), nil
	}
	return condition("Ready", "False", "Unavailable", ""), nil
}

// release deletes what the Object made, where it may, and lets the Object go once that is gone.
func (p *Player) release(ctx context.Context, object manifest.Object, finalizers []any) error {
	if id := manifest.Identify(wants(object)); mayDelete(object) {
		err := p.Client.Delete(ctx, id)
		if err == nil {
			_, err = p.Client.Get(ctx, id) // others may hold it
		} else {
			err = fmt.Errorf("delete failed: cannot delete object: %w", err)
		}
		if !hub.Is(err, 404) {
			return p.tell(ctx, object, nil, condition("Ready", "False", "Deleting", ""), err)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(finalizers), func(each any) bool { return each == finalizer })
	return p.Client.Change(ctx, manifest.Identify(object), map[string]any{"metadata": map[string]any{"finalizers": rest}})
}

// policies are what may be done; an Object that names none may do nothing.
func policies(object manifest.Object) []any {
	said, there := hub.Fields(object, "spec")["managementPolicies"]
	if !there {
		return []any{"*"} // the definition's default
	}
	return hub.Items(said)
}

// may tells whether an Object's policies allow something.
func may(object manifest.Object, what string) bool {
	return slices.Contains(policies(object), any("*")) || slices.Contains(policies(object), any(what))
}

// mayDelete is where both policies count: LegacyManagementPoliciesResolver of crossplane-runtime has the same.
func mayDelete(object manifest.Object) bool {
	if slices.Contains(policies(object), any("Delete")) {
		return true // it was said in so many words, and goes before the other
	}
	return may(object, "Delete") && hub.Fields(object, "spec")["deletionPolicy"] != "Orphan"
}

// instead is the merge patch that makes one value of another: what is no longer there is taken out.
func instead(before, after map[string]any) map[string]any {
	patch := maps.Clone(after)
	for key, old := range before {
		value, there := after[key]
		if !there {
			patch[key] = nil
			continue
		}
		from, isMap := old.(map[string]any)
		if to, stays := value.(map[string]any); isMap && stays {
			patch[key] = instead(from, to)
		}
	}
	return patch
}

func condition(kind, status, reason, message string) map[string]any {
	fields := map[string]any{"type": kind, "status": status, "reason": reason, "lastTransitionTime": time.Now().UTC().Format(time.RFC3339)}
	if message != "" {
		fields["message"] = message
	}
	return fields
}

// with puts a condition in the place of that of its type; its time stays where it says the same as before.
func with(conditions []any, now map[string]any) []any {
	var all []any
	for _, each := range conditions {
		before, _ := each.(map[string]any)
		if before["type"] != now["type"] {
			all = append(all, each)
		} else if before["status"] == now["status"] {
			now["lastTransitionTime"] = before["lastTransitionTime"]
		}
	}
	return append(all, now)
}
