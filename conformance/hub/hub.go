// Package hub is a hub in a box: a real etcd and a real API server on loopback, empty at first, for the time of
// one test or one command. It is not for what the controllers do; a test starts those beside it.
package hub

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
)

// Hub is a running API server and the way to it.
type Hub struct {
	Kubeconfig  string // the file that lets a controller in as an administrator
	Address     string // HOST:PORT
	Token       string // what an administrator proves who they are with
	Certificate string // the file that the server's certificate is in
	Client             // the way in for a test
}

// Start builds what a hub needs where it is not there yet and runs it until its owner's life is over.
func Start(t process.Owner, cache *parts.Cache) *Hub {
	t.Helper()
	ctx := process.Context(t)
	addresses := process.Addresses(t, 3)
	began := time.Now()
	hub, err := Open(ctx, cache, process.For(t), "", t.TempDir(), [3]string(addresses), "")
	if err != nil {
		t.Fatalf("the hub did not start: %v", err)
	}
	t.Logf("hub ready after %.1f s", time.Since(began).Seconds())
	return hub
}

// Open runs etcd and an API server, whose names begin with the prefix, with all they keep in the folder: one that was there
// before goes on where it ended. The addresses are those of etcd, of its peers and of the API server. An empty token stands
// for one that nobody knows beforehand.
func Open(ctx context.Context, cache *parts.Cache, start process.Starter, prefix, folder string, addresses [3]string, token string) (*Hub, error) {
	etcd, err := cache.Program(ctx, "etcd")
	if err != nil {
		return nil, err
	}
	apiserver, err := cache.Program(ctx, "kube-apiserver")
	if err != nil {
		return nil, err
	}
	if token == "" {
		token = rand.Text()
	}
	login, err := newLogin(folder, token)
	if err != nil {
		return nil, err
	}
	store, peers, server := "http://"+addresses[0], "http://"+addresses[1], addresses[2]
	_, err = start(prefix+"etcd", exec.Command(etcd, "--name=hub", "--data-dir="+filepath.Join(folder, "etcd"),
		"--listen-client-urls="+store, "--advertise-client-urls="+store,
		"--listen-peer-urls="+peers, "--initial-advertise-peer-urls="+peers, "--initial-cluster=hub="+peers))
	if err != nil {
		return nil, err
	}
	// Ended first: an API server whose etcd is gone does not end on SIGTERM for minutes.
	api, err := start(prefix+"kube-apiserver", exec.Command(apiserver, serverFlags(folder, store, server, login)...))
	if err != nil {
		return nil, err
	}
	ready, cancel := context.WithTimeout(ctx, 3*time.Minute) // it takes 3 s on a machine with nothing else to do
	defer cancel()
	hub := &Hub{Kubeconfig: filepath.Join(folder, "kubeconfig"), Address: server, Token: login.token, Certificate: login.certificate}
	err = api.Await(ready, func(ctx context.Context) error {
		hub.Client, err = newClient(server, login) // its certificate is there once the server has made it
		if err != nil {
			return err
		}
		return hub.ready(ctx)
	})
	if err != nil {
		return nil, err
	}
	return hub, os.WriteFile(hub.Kubeconfig, login.kubeconfig(server), 0o600)
}

func program(ctx context.Context, t process.Owner, cache *parts.Cache, name string) string {
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
