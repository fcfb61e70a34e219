package crossplane

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/compose"
	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// Packages runs Crossplane with its package manager: the packages of providers and functions come from their registries.
// What would run them in a cluster is played: every package's runtime is healthy, a function's is the real program. It
// returns once Crossplane answers; the playing goes on until the context ends.
func Packages(ctx context.Context, t process.Owner, c Crossplane) error {
	if err := c.prepare(ctx); err != nil {
		return err
	}
	if err := c.initial(ctx); err != nil {
		return err
	}
	for _, name := range compose.Functions() {
		if err := c.function(ctx, name, process.Addresses(t, 1)[0]); err != nil {
			return err
		}
	}
	if err := c.core(ctx, [3]string(process.Addresses(t, 3))); err != nil {
		return err
	}
	if err := c.secret(ctx); err != nil {
		return err
	}
	for _, kind := range []string{"ProviderRevision", "FunctionRevision"} {
		go c.Hub.Watch(ctx, "pkg.crossplane.io/v1", kind, func(event hub.Event) {
			if event.Type != "DELETED" {
				_ = c.play(ctx, event.Object) // it comes again when the object changes
			}
		})
	}
	return nil
}

// initial is what Crossplane's init container makes.
func (c *Crossplane) initial(ctx context.Context) error {
	for _, project := range crds.Projects() {
		if project.Name != "Crossplane" {
			continue
		}
		definitions, err := crds.Read(ctx, project)
		if err != nil {
			return err
		}
		for i := range definitions {
			if definitions[i], err = crds.Slim(definitions[i]); err != nil {
				return err
			}
		}
		if err := c.Hub.Define(ctx, definitions); err != nil {
			return err
		}
	}
	for _, object := range []manifest.Object{
		manifest.New("pkg.crossplane.io/v1beta1", "Lock", "", "lock"),
		manifest.New("pkg.crossplane.io/v1beta1", "DeploymentRuntimeConfig", "", "default"),
	} {
		if err := c.apply(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

const packageSecret = "package-tls"

// secret is what the packages prove themselves with.
func (c *Crossplane) secret(ctx context.Context) error {
	secret := manifest.New("v1", "Secret", "crossplane-system", packageSecret)
	data := map[string]any{}
	for _, name := range []string{"tls.crt", "tls.key", "ca.crt"} {
		text, err := os.ReadFile(filepath.Join(c.Folder, "server", name))
		if err != nil {
			return err
		}
		data[name] = base64.StdEncoding.EncodeToString(text)
	}
	secret["data"] = data
	return c.apply(ctx, secret)
}

// Sick is the annotation of a package's revision whose runtime fails, with what it says.
const Sick = "runtime.example.com/sick"

// play says of a package's revision what its runtime would.
func (c *Crossplane) play(ctx context.Context, revision manifest.Object) error {
	status, _ := revision["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	said := map[string]any{}
	if status["tlsServerSecretName"] != packageSecret {
		said["tlsServerSecretName"] = packageSecret
	}
	condition := map[string]any{"type": "RuntimeHealthy", "status": "True", "reason": "HealthyPackageRevision"}
	message, sick := hub.Fields(revision, "metadata", "annotations")[Sick]
	if sick {
		condition = map[string]any{"type": "RuntimeHealthy", "status": "False", "reason": "UnhealthyPackageRevision", "message": message}
	}
	if hub.Holds(revision, "RuntimeHealthy") == sick {
		condition["lastTransitionTime"] = time.Now().UTC().Format(time.RFC3339)
		said["conditions"] = append(without(conditions, "RuntimeHealthy"), condition)
	}
	id := manifest.Identify(revision)
	for name, address := range c.endpoints {
		if id.Kind == "FunctionRevision" && strings.HasPrefix(id.Name, name) && status["endpoint"] != address {
			said["endpoint"], said["capabilities"] = address, []any{"composition"}
		}
	}
	if len(said) == 0 {
		return nil
	}
	return c.Hub.Tell(ctx, id, said)
}

// without leaves out the condition of a type.
func without(conditions []any, kind string) []any {
	var rest []any
	for _, each := range conditions {
		if fields, _ := each.(map[string]any); fields["type"] != kind {
			rest = append(rest, each)
		}
	}
	return rest
}
