// Package platform is the whole platform alive on one machine: a hub with its real controllers, from an empty API server
// and a fleet's Git repository alone, and the spokes that the clouds make for it. What has no real program here is played,
// and listed. It is not for judging what happens: that is the story's.
package platform

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"spokewright.dev/spokewright/conformance/argocd"
	"spokewright.dev/spokewright/conformance/cloud"
	"spokewright.dev/spokewright/conformance/crossplane"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/objects"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/conformance/secrets"
	"spokewright.dev/spokewright/conformance/world"
)

// Platform is what outlives hubs: the world with the fleet's repositories, the clouds' book and their vault, the spokes.
type Platform struct {
	World       *world.World
	Fleet, Apps *world.Repository
	Book        *cloud.Book

	owner  process.Owner
	cache  *parts.Cache
	folder string
	scope  Scope
	tree   string // the checkout whose fleet it is
	token  string // of every cluster here: what stands for the cloud's login gives it
	vault  *secrets.Vault
	began  time.Time

	lock   sync.Mutex
	hubs   []*Site
	spokes map[string]*spoke // by the name that the cloud has for the cluster
	made   map[string]int    // how often there was one under that name
}

type spoke struct {
	sync.Mutex
	site *Site
}

// Scope is how much of the sample fleet there is.
type Scope struct {
	Clouds  []string // whose providers bring their kinds: all where none is named
	Without []string // environments that are left out
	Claims  bool     // in the older generation of Crossplane's API
	Copies  int      // where above 0: the hub and so many environments that are alike, instead of the sample's
}

// Quick is one cloud, one production environment and one other, with the flavours of the sample but for what keeps telemetry.
func Quick() Scope {
	return Scope{Clouds: []string{"aws"}, Without: []string{"prod-us", "staging", keepsTelemetry}}
}

// keepsTelemetry is the environment that takes the logs and metrics of the others.
const keepsTelemetry = "telemetry"

// Claims is the same in the older generation of Crossplane's API.
func Claims() Scope {
	scope := Quick()
	scope.Claims = true
	return scope
}

// Alike is a hub with so many environments that are alike.
func Alike(copies int) Scope {
	return Scope{Clouds: []string{"aws"}, Without: []string{"dev", "prod-eu", "prod-us", "staging", keepsTelemetry}, Copies: copies}
}

// All is the whole sample.
func All() Scope { return Scope{} }

// Open makes the world and the fleet's repositories of the tree, and runs no cluster yet.
func Open(ctx context.Context, t process.Owner, cache *parts.Cache, scope Scope, tree, folder string) (*Platform, error) {
	p := &Platform{
		scope: scope,
		owner: t, cache: cache, tree: tree, folder: folder, token: rand.Text(), Book: cloud.NewBook(), vault: secrets.NewVault(),
		began: time.Now(), spokes: map[string]*spoke{}, made: map[string]int{},
	}
	var err error
	if p.World, err = world.Open(filepath.Join(folder, "world")); err != nil {
		return nil, err
	}
	t.Cleanup(p.World.Close)
	if err := p.programs(ctx); err != nil {
		return nil, err
	}
	return p, p.outside(ctx)
}

// Programs is the folder with what Argo CD runs, and with the program of the tree.
func (p *Platform) Programs() string { return filepath.Join(p.folder, "bin") }

// programs puts what Argo CD runs into one folder.
func (p *Platform) programs(ctx context.Context) error {
	if err := os.MkdirAll(p.Programs(), 0o700); err != nil {
		return err
	}
	for _, name := range []string{"helm", "kustomize", "kubectl"} {
		path, err := p.cache.Program(ctx, name)
		if err != nil {
			return err
		}
		if err := os.Symlink(path, filepath.Join(p.Programs(), name)); err != nil {
			return err
		}
	}
	login := "#!/bin/sh\necho '" + `{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"` + p.token + `"}}` + "'\n"
	if err := os.WriteFile(filepath.Join(p.Programs(), "argocd-k8s-auth"), []byte(login), 0o700); err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(p.Programs(), "spokewright"), "./cmd/spokewright")
	build.Dir = p.tree
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building spokewright: %w: %s", err, output)
	}
	return nil
}

func (p *Platform) log(format string, args ...any) {
	p.owner.Logf("%6.1f s  %s", time.Since(p.began).Seconds(), fmt.Sprintf(format, args...))
}

// Hub is a hub with its clouds.
type Hub struct {
	*Site
	Cloud *cloud.Player
}

// Settings are what makes waits shorter than in a real fleet.
func Settings() []string {
	return []string{
		"ARGOCD_RECONCILIATION_TIMEOUT=60s",                             // 120s
		"ARGOCD_RECONCILIATION_JITTER=0s",                               // 60s
		"ARGOCD_APPLICATIONSET_CONTROLLER_REQUEUE_AFTER=20s",            // 3m
		"ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER_TIMEOUT_SECONDS=120", // 60, for busy machines
	}
}

// Start runs a hub with Argo CD, installed with the values that the fleet has for an environment, and nothing else, as whoever made
// the cluster left it. What is applied there brings the rest.
func (p *Platform) Start(ctx context.Context, name, environment string) (*Hub, error) {
	site, err := p.site(ctx, name, func(s *Site, playing context.Context) map[string]func(context.Context) error {
		return map[string]func(context.Context) error{"crossplane-system/crossplane": func(ctx context.Context) error { return p.crossplane(playing, s) }}
	})
	if err != nil {
		return nil, err
	}
	p.lock.Lock()
	p.hubs = append(p.hubs, site)
	p.lock.Unlock()
	h := &Hub{Site: site}
	golden, err := documents.ReadFolder(filepath.Join(p.Fleet.Work, "golden", environment))
	if err != nil {
		return nil, err
	}
	values := argocd.ValuesIn(golden)
	parameters, err := values.Environment()
	if err != nil {
		return nil, err
	}
	if err := argocd.Install(ctx, site.Hub, values); err != nil {
		return nil, err
	}
	err = argocd.Run(ctx, p.owner, argocd.Processes{
		Cache: p.cache, Hub: site.Hub, Crew: site.Crew, Folder: filepath.Join(site.folder, "argocd"), Programs: p.Programs(),
		Environment: p.World.Environment(), Settings: append(Settings(), parameters...),
	})
	if err != nil {
		return nil, err
	}
	playing, end := context.WithCancel(p.owner.Context())
	before := site.end
	site.end = func() { end(); before() }
	h.Cloud = &cloud.Player{Hub: name, Client: site.Client, Book: p.Book, Clusters: p.cluster, Gone: p.gone, Log: p.log}
	go h.Cloud.Play(playing)
	if p.scope.Claims {
		written := &objects.Player{Client: site.Client, Log: p.log}
		go written.Play(playing)
	}
	go h.hurry(playing)
	return h, nil
}

func (p *Platform) crossplane(ctx context.Context, s *Site) error {
	return crossplane.Packages(ctx, p.owner, crossplane.Crossplane{
		Cache: p.cache, Hub: s.Hub, Folder: filepath.Join(s.folder, "crossplane"), Environment: p.World.Environment(), Run: s.Crew.Keep,
	})
}

// cluster is what the cloud makes where a cluster is asked for: a spoke that outlives the hub.
func (p *Platform) cluster(ctx context.Context, name string) (cloud.Cluster, error) {
	p.lock.Lock()
	if p.spokes[name] == nil {
		p.spokes[name] = &spoke{}
		p.made[name]++
	}
	s, folder := p.spokes[name], name
	if made := p.made[name]; made > 1 {
		folder = fmt.Sprintf("%s-%d", name, made)
	}
	p.lock.Unlock()
	s.Lock()
	defer s.Unlock()
	if s.site == nil {
		site, err := p.site(ctx, folder, nil)
		if err != nil {
			return cloud.Cluster{}, err
		}
		s.site = site
	}
	certificate, err := os.ReadFile(s.site.Certificate)
	return cloud.Cluster{Endpoint: s.site.Address, Certificate: certificate}, err
}

// gone is a cluster that the cloud deleted.
func (p *Platform) gone(name string) {
	p.lock.Lock()
	s := p.spokes[name]
	delete(p.spokes, name)
	p.lock.Unlock()
	if s == nil {
		return
	}
	s.Lock()
	defer s.Unlock()
	if s.site != nil {
		s.site.Lose()
	}
}

// Lose is what an accident in the cloud does to a cluster: it is gone with all that it held.
func (p *Platform) Lose(name string) { p.gone(name) }

// Spoke is the cluster that the cloud has under a name; nil where it has none.
func (p *Platform) Spoke(name string) *Site {
	p.lock.Lock()
	s := p.spokes[name]
	p.lock.Unlock()
	if s == nil {
		return nil
	}
	s.Lock()
	defer s.Unlock()
	return s.site
}

// Context ends with whoever owns the platform.
func (p *Platform) Context() context.Context { return p.owner.Context() }

// Memory says what each program that runs holds, largest first, in MB.
func (p *Platform) Memory() []string {
	p.lock.Lock()
	sites := slices.Clone(p.hubs)
	for _, s := range p.spokes {
		if s.site != nil {
			sites = append(sites, s.site)
		}
	}
	p.lock.Unlock()
	type held struct {
		name  string
		bytes int64
	}
	var all []held
	for _, site := range sites {
		for _, member := range site.Crew.Members() {
			if member.Memory > 0 {
				all = append(all, held{site.Name + "/" + member.Name, member.Memory})
			}
		}
	}
	slices.SortFunc(all, func(a, b held) int { return cmp.Compare(b.bytes, a.bytes) })
	var lines []string
	for _, each := range all {
		lines = append(lines, fmt.Sprintf("%s %d MB", each.name, each.bytes>>20))
	}
	return lines
}
