// Package secrets plays External Secrets: it reads what its stores hold, from a namespace of the same cluster or from a
// vault that all players share, makes passwords, and writes it all where it is asked to. It is not for who may read what: that is the cloud's.
package secrets

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

const (
	version   = "external-secrets.io/v1"
	pushing   = "external-secrets.io/v1alpha1"
	everySoon = 3 * time.Second // refreshInterval, in short
)

// Vault is the clouds' secret store: fields by key.
type Vault struct {
	lock   sync.Mutex
	held   map[string]map[string]string
	byHand map[string]map[string]string // by the end of the key
}

// NewVault holds what people put there for each spoke, as docs/flavours.md has it, and nothing else.
func NewVault() *Vault {
	return &Vault{held: map[string]map[string]string{}, byHand: map[string]map[string]string{
		"telemetry":         {"username": "spoke", "password": "not-in-git"},
		"telemetry-senders": {"htpasswd": "spoke:not-in-git-either"},
	}}
}

func (v *Vault) put(key string, fields map[string]string) {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.held[key] = maps.Clone(fields)
}

func (v *Vault) remove(key string) {
	v.lock.Lock()
	defer v.lock.Unlock()
	delete(v.held, key)
}

func (v *Vault) get(key string) (map[string]string, error) {
	v.lock.Lock()
	defer v.lock.Unlock()
	fields, known := v.held[key]
	if !known { // ENVIRONMENT/NAME, ENVIRONMENT--NAME or ENVIRONMENT_NAME
		for name, put := range v.byHand {
			if rest, ends := strings.CutSuffix(key, name); ends && (strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, "--") || strings.HasSuffix(rest, "_")) {
				fields, known = put, true
			}
		}
	}
	if !known {
		return nil, fmt.Errorf("secret %q does not exist", key)
	}
	return maps.Clone(fields), nil
}

// Player plays for one cluster.
type Player struct {
	Client hub.Client
	Vault  *Vault
	Log    func(format string, args ...any)

	lock   sync.Mutex
	wanted map[manifest.ID]manifest.Object // ExternalSecrets and PushSecrets
}

// Play plays until the context ends. The kinds may come later.
func (p *Player) Play(ctx context.Context) {
	p.wanted = map[manifest.ID]manifest.Object{}
	for _, kind := range []string{"SecretStore", "ClusterSecretStore"} {
		go p.Client.Watch(ctx, version, kind, func(event hub.Event) {
			if event.Type != "DELETED" && !hub.Holds(event.Object, "Ready") {
				p.tell(ctx, event.Object, "True", "Valid", "store validated")
			}
		})
	}
	for apiVersion, kind := range map[string]string{version: "ExternalSecret", pushing: "PushSecret"} {
		go p.Client.Watch(ctx, apiVersion, kind, func(event hub.Event) {
			p.lock.Lock()
			defer p.lock.Unlock()
			id := manifest.Identify(event.Object)
			if event.Type != "DELETED" {
				p.wanted[id] = event.Object
				return
			}
			delete(p.wanted, id)
			if kind == "PushSecret" && hub.Fields(event.Object, "spec")["deletionPolicy"] == "Delete" {
				for _, key := range remoteKeys(event.Object) {
					p.Vault.remove(key)
				}
			}
		})
	}
	for ctx.Err() == nil {
		p.lock.Lock()
		wanted := maps.Clone(p.wanted)
		p.lock.Unlock()
		for id, object := range wanted {
			if id.Kind == "PushSecret" {
				p.report(ctx, object, p.push(ctx, object), "Synced", "Errored")
			} else {
				p.report(ctx, object, p.pull(ctx, object), "SecretSynced", "SecretSyncedError")
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(everySoon):
		}
	}
}

// report says of an object whether it was served, where it does not say so already.
func (p *Player) report(ctx context.Context, object manifest.Object, err error, good, bad string) {
	switch {
	case ctx.Err() != nil:
	case err == nil && !hub.Holds(object, "Ready"):
		p.tell(ctx, object, "True", good, "synced")
	case err != nil && said(object) != err.Error():
		p.tell(ctx, object, "False", bad, err.Error())
	}
}

func said(object manifest.Object) string {
	for _, each := range hub.Items(hub.Fields(object, "status")["conditions"]) {
		if condition, _ := each.(map[string]any); condition["type"] == "Ready" {
			return fmt.Sprint(condition["message"])
		}
	}
	return ""
}

func (p *Player) tell(ctx context.Context, object manifest.Object, status, reason, message string) {
	id := manifest.Identify(object)
	err := p.Client.Tell(ctx, id, map[string]any{"conditions": []any{map[string]any{
		"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
	}}})
	if err != nil && ctx.Err() == nil && !hub.Is(err, 404) {
		p.Log("secrets: %v", err)
	}
}

// push puts a Secret of the cluster into the vault.
func (p *Player) push(ctx context.Context, object manifest.Object) error {
	id := manifest.Identify(object)
	name, _ := hub.Fields(object, "spec", "selector", "secret")["name"].(string)
	values, err := p.read(ctx, id.Namespace, name)
	if err != nil {
		return err
	}
	if values, err = templated(hub.Fields(object, "spec", "template"), values); err != nil {
		return err
	}
	for _, key := range remoteKeys(object) {
		p.Vault.put(key, values)
	}
	return nil
}

func remoteKeys(object manifest.Object) []string {
	var keys []string
	for _, each := range hub.Items(hub.Fields(object, "spec")["data"]) {
		data, _ := each.(map[string]any)
		if key, _ := hub.Fields(data, "match", "remoteRef")["remoteKey"].(string); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// pull makes the Secret that an ExternalSecret asks for.
func (p *Player) pull(ctx context.Context, object manifest.Object) error {
	target := hub.Fields(object, "spec", "target")
	name, _ := target["name"].(string)
	if name == "" {
		name = manifest.Identify(object).Name
	}
	values, err := p.wants(ctx, object, name)
	if err != nil || values == nil {
		return err
	}
	template, _ := target["template"].(map[string]any)
	if values, err = templated(template, values); err != nil {
		return err
	}
	return p.write(ctx, object, name, hub.Fields(template, "metadata"), values, target["creationPolicy"] != "Orphan")
}

// wants is what the Secret of that name is to hold; nil for a generated one that is there, since it is made once.
func (p *Player) wants(ctx context.Context, object manifest.Object, name string) (map[string]string, error) {
	id := manifest.Identify(object)
	generator := generatorOf(object)
	if generator.Name == "" {
		from, err := p.source(ctx, object)
		if err != nil {
			return nil, err
		}
		return gather(hub.Fields(object, "spec"), from)
	}
	generator.Namespace = id.Namespace
	if _, err := p.Client.Get(ctx, generator); err != nil {
		return nil, fmt.Errorf("could not get generator %q", generator.Name)
	}
	switch _, err := p.Client.Get(ctx, manifest.ID{APIVersion: "v1", Kind: "Secret", Namespace: id.Namespace, Name: name}); {
	case err == nil:
		return nil, nil
	case !hub.Is(err, 404):
		return nil, err
	}
	return map[string]string{"password": rand.Text()}, nil
}

// generatorOf is the generator that an ExternalSecret takes its values from; without a name where it reads a store.
func generatorOf(object manifest.Object) manifest.ID {
	for _, each := range hub.Items(hub.Fields(object, "spec")["dataFrom"]) {
		data, _ := each.(map[string]any)
		if reference := hub.Fields(data, "sourceRef", "generatorRef"); reference["name"] != nil {
			return manifest.ID{APIVersion: fmt.Sprint(reference["apiVersion"]), Kind: fmt.Sprint(reference["kind"]), Name: fmt.Sprint(reference["name"])}
		}
	}
	return manifest.ID{}
}

// source gives the way to read the store of an ExternalSecret.
func (p *Player) source(ctx context.Context, object manifest.Object) (func(key string) (map[string]string, error), error) {
	id, reference := manifest.Identify(object), hub.Fields(object, "spec", "secretStoreRef")
	kind, _ := reference["kind"].(string)
	name, _ := reference["name"].(string)
	at := manifest.ID{APIVersion: version, Kind: "SecretStore", Namespace: id.Namespace, Name: name}
	if kind == "ClusterSecretStore" {
		at.Kind, at.Namespace = kind, ""
	}
	store, err := p.Client.Get(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("could not get %s %q", at.Kind, name)
	}
	if namespace, inside := hub.Fields(store, "spec", "provider", "kubernetes")["remoteNamespace"].(string); inside {
		return func(key string) (map[string]string, error) { return p.read(ctx, namespace, key) }, nil
	}
	return p.Vault.get, nil
}

// gather reads what an ExternalSecret lists.
func gather(spec map[string]any, from func(string) (map[string]string, error)) (map[string]string, error) {
	values := map[string]string{}
	for _, each := range hub.Items(spec["dataFrom"]) {
		data, _ := each.(map[string]any)
		key, _ := hub.Fields(data, "extract")["key"].(string)
		fields, err := from(key)
		if err != nil {
			return nil, err
		}
		maps.Copy(values, fields)
	}
	for _, each := range hub.Items(spec["data"]) {
		data, _ := each.(map[string]any)
		reference := hub.Fields(data, "remoteRef")
		key, _ := reference["key"].(string)
		property, _ := reference["property"].(string)
		fields, err := from(key)
		if err != nil {
			return nil, err
		}
		value, known := fields[property]
		if !known {
			return nil, fmt.Errorf("secret %q has no field %q", key, property)
		}
		values[fmt.Sprint(data["secretKey"])] = value
	}
	return values, nil
}

// read gives the fields of a Secret of the cluster.
func (p *Player) read(ctx context.Context, namespace, name string) (map[string]string, error) {
	secret, err := p.Client.Get(ctx, manifest.ID{APIVersion: "v1", Kind: "Secret", Namespace: namespace, Name: name})
	if err != nil {
		return nil, fmt.Errorf("secrets %q not found", name)
	}
	values := map[string]string{}
	for key, value := range hub.Fields(secret, "data") {
		text, err := base64.StdEncoding.DecodeString(fmt.Sprint(value))
		if err != nil {
			return nil, err
		}
		values[key] = string(text)
	}
	return values, nil
}

// write makes or changes a Secret, which goes with its owner.
func (p *Player) write(ctx context.Context, owner manifest.Object, name string, metadata map[string]any, values map[string]string, owned bool) error {
	id := manifest.Identify(owner)
	data := map[string]any{}
	for key, value := range values {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	at := manifest.ID{APIVersion: "v1", Kind: "Secret", Namespace: id.Namespace, Name: name}
	there, err := p.Client.Get(ctx, at)
	switch {
	case err == nil && reflect.DeepEqual(hub.Fields(there, "data"), data):
		return nil
	case err == nil:
		return p.Client.Change(ctx, at, map[string]any{"data": data})
	case !hub.Is(err, 404):
		return err
	}
	secret := manifest.New("v1", "Secret", id.Namespace, name)
	meta := secret["metadata"].(map[string]any)
	maps.Copy(meta, metadata)
	if owned {
		meta["ownerReferences"] = []any{map[string]any{
			"apiVersion": id.APIVersion, "kind": id.Kind, "name": id.Name, "uid": hub.Fields(owner, "metadata")["uid"],
			"controller": true, "blockOwnerDeletion": true,
		}}
	}
	secret["data"] = data
	return p.Client.Create(ctx, secret)
}
