package argocd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
)

// ErrNoRedis says how to get what the repo-server and the application controller keep what they know in.
var ErrNoRedis = errors.New("NOT TESTED: Redis is not installed, and Argo CD does not run without it: apt-get install redis-server")

// Processes is what Argo CD's processes need.
type Processes struct {
	Cache       *parts.Cache
	Hub         *hub.Hub
	Crew        *process.Crew
	Folder      string
	Programs    string   // the folder with helm, kustomize and argocd-k8s-auth
	Environment []string // how to reach the world
	Settings    []string // NAME=VALUE of settings that tests shorten
}

// Run starts all processes and returns when they listen.
func Run(ctx context.Context, t process.Owner, p Processes) error {
	redis, err := exec.LookPath("redis-server")
	if err != nil {
		return ErrNoRedis
	}
	addresses := process.Addresses(t, 9)
	commands, err := p.commands(ctx, redis, addresses)
	if err != nil {
		return err
	}
	for _, each := range commands {
		if err := p.Crew.Keep(each.name, each.command); err != nil {
			return err
		}
		if err := listening(ctx, each.listens); err != nil {
			return fmt.Errorf("%s: %w", each.name, err)
		}
	}
	return nil
}

type program struct {
	name    string
	listens string // HOST:PORT
	command func() *exec.Cmd
}

func (p Processes) commands(ctx context.Context, redis string, a []string) ([]program, error) {
	folders := map[string]string{}
	for _, name := range []string{"redis", "plugins", "home", "tmp"} {
		folders[name] = filepath.Join(p.Folder, name)
		if err := os.MkdirAll(folders[name], 0o700); err != nil {
			return nil, err
		}
	}
	names := map[string]string{}
	for _, name := range []string{"argocd-repo-server", "argocd-applicationset-controller", "argocd-application-controller"} {
		path, err := p.Cache.Program(ctx, name)
		if err != nil {
			return nil, err
		}
		names[name] = path
	}
	environment := append(append(os.Environ(), p.Environment...),
		"PATH="+p.Programs+string(os.PathListSeparator)+os.Getenv("PATH"), "KUBECONFIG="+p.Hub.Kubeconfig,
		"HOME="+folders["home"], "XDG_CONFIG_HOME="+folders["home"], "XDG_CACHE_HOME="+folders["home"], "TMPDIR="+folders["tmp"],
		"ARGOCD_GPG_ENABLED=false", "ARGOCD_PLUGINSOCKFILEPATH="+folders["plugins"], "ARGOCD_GIT_ATTEMPTS_COUNT=1", "ARGOCD_FAKE_IN_CLUSTER=true")
	environment = append(environment, p.Settings...)
	run := func(path string, args ...string) func() *exec.Cmd {
		return func() *exec.Cmd {
			cmd := exec.Command(path, args...)
			cmd.Env = environment
			return cmd
		}
	}
	return []program{
		{"redis", a[0], run(redis, "--port", port(a[0]), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folders["redis"])},
		{"argocd-repo-server", a[1], run(names["argocd-repo-server"], "--redis", a[0], "--disable-tls",
			"--address", "127.0.0.1", "--port", port(a[1]), "--metrics-address", "127.0.0.1", "--metrics-port", port(a[2]), "--loglevel", "warn")},
		{"argocd-application-controller", a[3], run(names["argocd-application-controller"], "--kubeconfig", p.Hub.Kubeconfig, "--namespace", Namespace,
			"--repo-server", a[1], "--repo-server-plaintext", "--redis", a[0], "--metrics-port", port(a[3]))},
		{"argocd-applicationset-controller", a[4], run(names["argocd-applicationset-controller"], "--kubeconfig", p.Hub.Kubeconfig, "--namespace", Namespace,
			"--metrics-addr", a[5], "--probe-addr", a[4], "--webhook-addr", a[6], "--argocd-repo-server", a[1], "--repo-server-plaintext")},
	}, nil
}

func port(address string) string { return address[strings.LastIndex(address, ":")+1:] }

// listening waits until somebody listens at an address.
func listening(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 3*time.Minute, fmt.Errorf("nobody listens at %s", address))
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
