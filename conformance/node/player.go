// Package node plays the machines of a cluster: every Pod that is made there runs and is ready at once, as the scheduler
// and a kubelet would have it some time later. Where a real program stands for a Pod, the Pod is ready once that answers.
// It is not for what runs in other Pods: nothing does.
package node

import (
	"context"
	"strings"
	"sync"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// Player plays for one cluster. Programs are run when the first Pod of a Deployment appears, by NAMESPACE/DEPLOYMENT;
// each returns once it answers.
type Player struct {
	Client   hub.Client
	Programs map[string]func(context.Context) error
	Log      func(format string, args ...any)

	lock    sync.Mutex
	started map[string]chan struct{} // closed when the program answers
}

// Play plays until the context ends.
func (p *Player) Play(ctx context.Context) {
	p.started = map[string]chan struct{}{}
	p.Client.Watch(ctx, "v1", "Pod", func(event hub.Event) {
		if event.Type == "DELETED" {
			return
		}
		if _, going := hub.Fields(event.Object, "metadata")["deletionTimestamp"]; going || hub.Holds(event.Object, "Ready") {
			return
		}
		go p.run(ctx, event.Object)
	})
}

func (p *Player) run(ctx context.Context, pod manifest.Object) {
	id := manifest.Identify(pod)
	for key, program := range p.Programs {
		namespace, deployment, _ := strings.Cut(key, "/")
		if id.Namespace == namespace && strings.HasPrefix(id.Name, deployment+"-") {
			if !p.answers(ctx, key, program) {
				return
			}
		}
	}
	if err := p.Client.Tell(ctx, id, status(pod)); err != nil && ctx.Err() == nil && !hub.Is(err, 404) {
		p.Log("node: %v", err)
	}
}

// answers runs a program, unless somebody did, and waits until it answers.
func (p *Player) answers(ctx context.Context, key string, program func(context.Context) error) bool {
	p.lock.Lock()
	answering, started := p.started[key]
	if !started {
		answering = make(chan struct{})
		p.started[key] = answering
	}
	p.lock.Unlock()
	if !started {
		if err := program(ctx); err != nil {
			if ctx.Err() == nil {
				p.Log("node: %s: %v", key, err)
			}
			return false
		}
		close(answering)
	}
	select {
	case <-answering:
		return true
	case <-ctx.Done():
		return false
	}
}

func status(pod manifest.Object) map[string]any {
	now := time.Now().UTC().Format(time.RFC3339)
	var containers []any
	items, _ := hub.Fields(pod, "spec")["containers"].([]any)
	for _, each := range items {
		container, _ := each.(map[string]any)
		containers = append(containers, map[string]any{
			"name": container["name"], "image": container["image"], "imageID": container["image"], "ready": true, "started": true, "restartCount": 0,
			"state": map[string]any{"running": map[string]any{"startedAt": now}},
		})
	}
	var conditions []any
	for _, kind := range []string{"PodScheduled", "Initialized", "ContainersReady", "Ready"} {
		conditions = append(conditions, map[string]any{"type": kind, "status": "True", "lastTransitionTime": now})
	}
	return map[string]any{"phase": "Running", "startTime": now, "conditions": conditions, "containerStatuses": containers}
}
