package platform

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/conformance/node"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/conformance/secrets"
)

// Site is one cluster with all that runs there.
type Site struct {
	Name string
	*hub.Hub
	Crew *process.Crew

	folder string
	end    func() // ends its players
}

// controllers are Kubernetes' own that a cluster runs here.
func controllers() []string {
	return []string{
		"garbage-collector-controller", "namespace-controller", "deployment-controller", "replicaset-controller", "resourcequota-controller",
	}
}

// site starts a cluster: etcd, the API server, Kubernetes' controllers, machines and External Secrets. Programs are those
// that stand for Deployments, beside Kyverno.
func (p *Platform) site(ctx context.Context, name string, programs func(*Site, context.Context) map[string]func(context.Context) error) (*Site, error) {
	folder := filepath.Join(p.folder, name)
	crew, err := process.NewCrew(p.owner, filepath.Join(p.folder, "logs", name))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	server, err := hub.Open(ctx, p.cache, crew.Start, "", folder, [3]string(process.Addresses(p.owner, 3)), p.token)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", name, err)
	}
	manager, err := p.cache.Program(ctx, "kube-controller-manager")
	if err != nil {
		return nil, err
	}
	address := process.Addresses(p.owner, 1)[0]
	err = crew.Keep("kube-controller-manager", func() *exec.Cmd { return server.Manager(manager, address, folder, controllers()...) })
	if err != nil {
		return nil, err
	}
	playing, end := context.WithCancel(p.owner.Context())
	s := &Site{Name: name, Hub: server, Crew: crew, folder: folder, end: end}
	all := map[string]func(context.Context) error{"kyverno/kyverno-admission-controller": func(ctx context.Context) error { return p.kyverno(ctx, s) }}
	if programs != nil {
		for key, program := range programs(s, playing) {
			all[key] = program
		}
	}
	machines := &node.Player{Client: server.Client, Programs: all, Log: p.log}
	go machines.Play(playing)
	go node.Operator{Client: server.Client, Log: p.log}.Play(playing)
	external := &secrets.Player{Client: server.Client, Vault: p.vault, Log: p.log}
	go external.Play(playing)
	return s, nil
}

func (p *Platform) kyverno(ctx context.Context, s *Site) error {
	program, err := p.cache.Program(ctx, "kyverno-admission")
	if err != nil {
		return err
	}
	return kyverno.Run(ctx, s.Hub, program, process.Addresses(p.owner, 1)[0], p.World.Environment(), s.Crew.Keep)
}

// Lose is what a fire does to a cluster: every process is gone at once, with all that they knew.
func (s *Site) Lose() {
	s.end()
	s.Crew.Lose()
}
