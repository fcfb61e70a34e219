// Package core runs the real Crossplane beside a hub in a box: its controllers, its webhook and the composition functions
// that our compositions call. It is not for providers: what is composed stays as it was made.
package core

import (
	"context"
	"encoding/base64"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"spokewright.dev/spokewright/conformance/compose"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// Start runs Crossplane until the test is over. The hub has its definitions already.
func Start(ctx context.Context, t *testing.T, cache *parts.Cache, server *hub.Hub) {
	t.Helper()
	s := &starter{ctx: ctx, t: t, cache: cache, server: server, folder: t.TempDir()}
	var err error
	s.authority, err = newAuthority()
	s.must(err)
	s.apply(manifest.New("v1", "Namespace", "", "crossplane-system"))
	for _, name := range compose.Functions() {
		s.function(name)
	}
	s.core()
}

type starter struct {
	ctx       context.Context
	t         *testing.T
	cache     *parts.Cache
	server    *hub.Hub
	folder    string
	authority *authority
}

func (s *starter) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *starter) apply(object manifest.Object) {
	s.t.Helper()
	document, err := documents.Of(manifest.Identify(object).String(), object)
	s.must(err)
	s.must(s.server.Apply(s.ctx, document))
}

// certificates makes a folder with certificates for one process.
func (s *starter) certificates(name string) string {
	s.t.Helper()
	folder := filepath.Join(s.folder, name)
	s.must(s.authority.issue(folder))
	return folder
}

func (s *starter) program(name string) string {
	s.t.Helper()
	program, err := s.cache.Program(s.ctx, name)
	s.must(err)
	return program
}

// function runs a composition function and tells Crossplane where: by a revision that no package stands behind.
func (s *starter) function(name string) {
	s.t.Helper()
	address := process.Addresses(s.t, 1)[0]
	command := exec.Command(s.program(name), "--address", address)
	command.Env = append(os.Environ(), "TLS_SERVER_CERTS_DIR="+s.certificates(name))
	s.must(process.Start(s.t, name, command).Await(s.ctx, reached(address)))

	revision := manifest.New("pkg.crossplane.io/v1", "FunctionRevision", "", name+"-1")
	manifest.Label(revision, map[string]string{"pkg.crossplane.io/package": name})
	revision["spec"] = map[string]any{
		"desiredState": "Active", "revision": 1, "ignoreCrossplaneConstraints": true, "skipDependencyResolution": true,
		"image": process.Addresses(s.t, 1)[0] + "/" + name + ":v0", "packagePullPolicy": "Never", // nobody answers there
	}
	s.apply(revision)
	s.must(s.server.Tell(s.ctx, manifest.Identify(revision), map[string]any{
		"endpoint": address, "capabilities": []any{"composition"},
	}))
}

// core runs Crossplane itself, and puts its webhook where its chart would.
func (s *starter) core() {
	s.t.Helper()
	addresses := process.Addresses(s.t, 3)
	ports := make([]string, len(addresses))
	for i, address := range addresses {
		_, ports[i], _ = net.SplitHostPort(address)
	}
	command := exec.Command(s.program("crossplane"), "core", "start", "--package-runtime=External",
		"--tls-client-certs-dir="+s.certificates("client"), "--tls-server-certs-dir="+s.certificates("server"),
		"--cache-dir="+filepath.Join(s.folder, "cache"),
		"--webhook-port="+ports[0], "--metrics-port="+ports[1], "--health-probe-port="+ports[2])
	command.Env = append(os.Environ(), "KUBECONFIG="+s.server.Kubeconfig)
	s.must(process.Start(s.t, "crossplane", command).Await(s.ctx, reached(addresses[0])))
	s.apply(webhook("https://"+addresses[0]+"/validate-no-usages", s.authority.text))
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

// reached says whether somebody listens at an address.
func reached(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			err = connection.Close()
		}
		return err
	}
}
