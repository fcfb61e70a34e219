// Package crossplane runs the real Crossplane beside a hub in a box: its controllers, its webhook and the composition functions
// that our compositions call. It is not for providers: what is composed stays as it was made.
package crossplane

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"spokewright.dev/spokewright/conformance/authority"
	"spokewright.dev/spokewright/conformance/compose"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// Start runs Crossplane until its owner's life is over. The hub has its definitions already, and no packages are looked
// for: the functions are revisions that no package stands behind.
func Start(ctx context.Context, t process.Owner, cache *parts.Cache, server *hub.Hub) {
	t.Helper()
	run := func(name string, command func() *exec.Cmd) error { process.Start(t, name, command()); return nil }
	if err := alone(ctx, t, Crossplane{Cache: cache, Hub: server, Folder: t.TempDir(), Run: run}); err != nil {
		t.Fatal(err)
	}
}

func alone(ctx context.Context, t process.Owner, c Crossplane) error {
	if err := c.prepare(ctx); err != nil {
		return err
	}
	for _, name := range compose.Functions() {
		if err := c.function(ctx, name, process.Addresses(t, 1)[0]); err != nil {
			return err
		}
		if err := c.unpackaged(ctx, name, process.Addresses(t, 1)[0]); err != nil {
			return err
		}
	}
	return c.core(ctx, [3]string(process.Addresses(t, 3)))
}

// Crossplane is what its processes need.
type Crossplane struct {
	Cache       *parts.Cache
	Hub         *hub.Hub
	Folder      string // for certificates and packages
	Environment []string
	Run         func(name string, command func() *exec.Cmd) error

	authority *authority.Authority
	endpoints map[string]string // of the functions, by name
}

func (c *Crossplane) prepare(ctx context.Context) (err error) {
	c.endpoints = map[string]string{}
	if c.authority, err = authority.New(); err != nil {
		return err
	}
	return c.apply(ctx, manifest.New("v1", "Namespace", "", "crossplane-system"))
}

func (c *Crossplane) apply(ctx context.Context, object manifest.Object) error {
	document, err := documents.Of(manifest.Identify(object).String(), object)
	if err != nil {
		return err
	}
	return c.Hub.Apply(ctx, document)
}

// certificates makes a folder with certificates for one process.
func (c *Crossplane) certificates(name string) (string, error) {
	folder := filepath.Join(c.Folder, name)
	return folder, c.authority.Issue(folder)
}

// function runs a composition function.
func (c *Crossplane) function(ctx context.Context, name, address string) error {
	program, err := c.Cache.Program(ctx, name)
	if err != nil {
		return err
	}
	folder, err := c.certificates(name)
	if err != nil {
		return err
	}
	err = c.Run(name, func() *exec.Cmd {
		command := exec.Command(program, "--address", address)
		command.Env = append(os.Environ(), "TLS_SERVER_CERTS_DIR="+folder)
		return command
	})
	if err != nil {
		return err
	}
	c.endpoints[name] = address
	return reached(ctx, address)
}

// unpackaged tells Crossplane where a function is: by a revision that no package stands behind. Nobody answers at the
// address that its image is said to be at.
func (c *Crossplane) unpackaged(ctx context.Context, name, nobody string) error {
	revision := manifest.New("pkg.crossplane.io/v1", "FunctionRevision", "", name+"-1")
	manifest.Label(revision, map[string]string{"pkg.crossplane.io/package": name})
	revision["spec"] = map[string]any{
		"desiredState": "Active", "revision": 1, "ignoreCrossplaneConstraints": true, "skipDependencyResolution": true,
		"image": nobody + "/" + name + ":v0", "packagePullPolicy": "Never",
	}
	if err := c.apply(ctx, revision); err != nil {
		return err
	}
	return c.Hub.Tell(ctx, manifest.Identify(revision), map[string]any{
		"endpoint": c.endpoints[name], "capabilities": []any{"composition"},
	})
}

// core runs Crossplane itself, and puts its webhook where its chart would.
func (c *Crossplane) core(ctx context.Context, addresses [3]string) error {
	program, err := c.Cache.Program(ctx, "crossplane")
	if err != nil {
		return err
	}
	var ports [3]string
	for i, address := range addresses {
		_, ports[i], _ = net.SplitHostPort(address)
	}
	client, err := c.certificates("client")
	if err != nil {
		return err
	}
	server, err := c.certificates("server")
	if err != nil {
		return err
	}
	packages := filepath.Join(c.Folder, "cache")
	if err := os.MkdirAll(packages, 0o700); err != nil {
		return err
	}
	err = c.Run("crossplane", func() *exec.Cmd {
		// What a cloud makes within minutes is ready here within a second: so many events open the breaker, and a claim then
		// waits for its next minute.
		command := exec.Command(program, "core", "start", "--package-runtime=External", "--circuit-breaker-burst=2000",
			"--tls-client-certs-dir="+client, "--tls-server-certs-dir="+server, "--cache-dir="+packages,
			"--webhook-port="+ports[0], "--metrics-port="+ports[1], "--health-probe-port="+ports[2])
		command.Env = append(append(os.Environ(), c.Environment...), "KUBECONFIG="+c.Hub.Kubeconfig, "POD_NAMESPACE=crossplane-system")
		return command
	})
	if err != nil {
		return err
	}
	if err := reached(ctx, addresses[0]); err != nil {
		return err
	}
	return c.apply(ctx, webhook("https://"+addresses[0]+"/validate-no-usages", c.authority.PEM))
}

// webhook is what the chart installs (crossplane, cluster/webhookconfigurations/usage.yaml), with an address in place of
// a Service.
func webhook(url string, authority []byte) manifest.Object {
	object := manifest.New("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "crossplane-no-usages")
	object["webhooks"] = []any{map[string]any{
		"name":                    "nousages.protection.crossplane.io",
		"admissionReviewVersions": []any{"v1"},
		"sideEffects":             "None",
		"failurePolicy":           "Fail",
		"clientConfig":            map[string]any{"url": url, "caBundle": base64.StdEncoding.EncodeToString(authority)},
		"objectSelector":          map[string]any{"matchLabels": map[string]any{"crossplane.io/in-use": "true"}},
		"rules": []any{map[string]any{
			"apiGroups": []any{"*"}, "apiVersions": []any{"*"}, "operations": []any{"DELETE"}, "resources": []any{"*"},
		}},
	}}
	return object
}

// reached waits until somebody listens at an address.
func reached(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("nobody listens at %s", address))
	defer cancel()
	for {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return connection.Close()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// startTime is more than a program needs until it listens, on a machine that has much else to do.
const startTime = 3 * time.Minute
