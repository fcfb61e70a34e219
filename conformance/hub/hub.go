// Package hub is a hub in a box: a real etcd and a real API server on loopback, empty at first, for the time of one
// test. It is not for what the controllers do; a test starts those beside it.
package hub

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
)

// Hub is a running API server and the way to it.
type Hub struct {
	Kubeconfig string // the file that lets a controller in as an administrator
	Client            // the same for a test
}

// Start builds what a hub needs where it is not there yet and runs it until the test is over.
func Start(t *testing.T, cache *parts.Cache) *Hub {
	t.Helper()
	ctx := process.Context(t)
	etcd, apiserver := program(ctx, t, cache, "etcd"), program(ctx, t, cache, "kube-apiserver")
	began := time.Now()
	folder := t.TempDir()
	login, err := newLogin(folder)
	if err != nil {
		t.Fatal(err)
	}
	addresses := process.Addresses(t, 3)
	store, peers, server := "http://"+addresses[0], "http://"+addresses[1], addresses[2]

	process.Start(t, "etcd", exec.Command(etcd, "--name=hub", "--data-dir="+filepath.Join(folder, "etcd"),
		"--listen-client-urls="+store, "--advertise-client-urls="+store,
		"--listen-peer-urls="+peers, "--initial-advertise-peer-urls="+peers, "--initial-cluster=hub="+peers))
	// Ended first: an API server whose etcd is gone does not end on SIGTERM for minutes.
	api := process.Start(t, "kube-apiserver", exec.Command(apiserver, serverFlags(folder, store, server, login)...))

	ready, cancel := context.WithTimeout(ctx, 3*time.Minute) // it takes 3 s on a machine with nothing else to do
	defer cancel()
	hub := &Hub{Kubeconfig: filepath.Join(folder, "kubeconfig")}
	err = api.Await(ready, func(ctx context.Context) error {
		hub.Client, err = newClient(server, login) // its certificate is there once the server has made it
		if err != nil {
			return err
		}
		return hub.ready(ctx)
	})
	if err != nil {
		t.Fatalf("the hub did not start: %v", err)
	}
	if err := os.WriteFile(hub.Kubeconfig, login.kubeconfig(server), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("hub ready after %.1f s", time.Since(began).Seconds())
	return hub
}

func program(ctx context.Context, t *testing.T, cache *parts.Cache, name string) string {
	t.Helper()
	path, err := cache.Program(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func serverFlags(folder, store, address string, login login) []string {
	host, port, _ := net.SplitHostPort(address)
	const issuer = "https://kubernetes.default.svc"
	return []string{
		"--etcd-servers=" + store, "--bind-address=" + host, "--advertise-address=" + host, "--secure-port=" + port,
		"--cert-dir=" + folder, // it makes a serving certificate of its own there
		"--service-account-key-file=" + login.signingKey, "--service-account-signing-key-file=" + login.signingKey,
		"--service-account-issuer=" + issuer, "--api-audiences=" + issuer,
		"--authorization-mode=RBAC", "--token-auth-file=" + login.tokens,
		"--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged=true",
		"--disable-admission-plugins=ServiceAccount", // no controller makes the account `default` of a namespace
		"--endpoint-reconciler-type=none",            // a loopback address is no endpoint
	}
}
