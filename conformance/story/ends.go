package story

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"spokewright.dev/spokewright/conformance/cloud"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

const takingDown = "To take it down"

// end takes an environment down, and wants nothing of it to be left: on the hub, in Argo CD, in the cloud.
func end(name string, of names) Step {
	return Step{name, 16 * time.Minute, func(ctx context.Context, s *Story) error { return takenDown(ctx, s, of) }}
}

// takenDown follows the page of the hub for the environment that it speaks of, and the runbook for production.
func takenDown(ctx context.Context, s *Story, of names) error {
	from, name := s.Platform.Book.Count(), of.now()
	for _, each := range of {
		s.ended[each] = true
	}
	cluster, err := s.cluster(name)
	if err != nil {
		return err
	}
	order, err := s.watchEnd(ctx, name)
	if err != nil {
		return err
	}
	if strings.HasPrefix(name, "prod-") {
		err = s.byTheRunbook(ctx, name)
	} else {
		err = s.byThePage(ctx, name)
	}
	if err != nil {
		return err
	}
	for _, id := range []manifest.ID{{APIVersion: "v1", Kind: "Namespace", Name: name}, {APIVersion: "v1", Kind: "Secret", Namespace: "argocd", Name: "cluster-" + name}} {
		if err := s.gone(ctx, id); err != nil {
			return err
		}
	}
	err = until(ctx, func() error { return errors.Join(s.leftOnHub(ctx, name), s.leftInCloud(from, of, cluster)) })
	return errors.Join(err, order.held(s.Timeline))
}

func (s *Story) byThePage(ctx context.Context, name string) error {
	blocks, err := s.Page.Commands("Take an environment down")
	if err != nil {
		return err
	}
	for _, block := range blocks {
		if output, err := s.shell(ctx, strings.ReplaceAll(block, preview, name)); err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
	}
	return nil
}

func (s *Story) byTheRunbook(ctx context.Context, name string) error {
	began := time.Now()
	script, err := s.runbook(takingDown, 0, name, "")
	if err == nil {
		err = s.push(ctx, "Retire "+name, script)
	}
	if err == nil {
		err = s.confirm(ctx, name, began)
	}
	if err == nil {
		err = s.applied(ctx, "hub-hub", name+"-hub")
	}
	if err != nil {
		return err
	}
	if script, err = s.runbook(takingDown, 2, name, ""); err != nil {
		return err
	}
	return s.push(ctx, "Take "+name+" out", script)
}

// leftOnHub complains of all that is still named after an environment.
func (s *Story) leftOnHub(ctx context.Context, name string) error {
	var left []error
	kinds, err := s.Hub.Kinds(ctx, func(group string) bool {
		return group == "argoproj.io" || strings.HasSuffix(group, ".upbound.io") || strings.HasSuffix(group, "spokewright.dev") || group == "kubernetes.crossplane.io" ||
			group == "external-secrets.io" || group == "policies.kyverno.io" || group == "protection.crossplane.io"
	})
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		objects, err := s.Hub.List(ctx, kind.APIVersion, kind.Kind)
		if err != nil {
			continue // such as kinds that can only be created
		}
		for _, object := range objects {
			id := manifest.Identify(object)
			if id.Namespace == name || id.Name == name || strings.HasPrefix(id.Name, name+"-") || id.Name == "cluster-"+name ||
				hub.Fields(object, "metadata", "labels")["spokewright.dev/environment"] == name {
				left = append(left, fmt.Errorf("%s is left", id))
			}
		}
	}
	return errors.Join(left...)
}

// leftInCloud wants everything that was made for an environment to be deleted, and nothing else.
func (s *Story) leftInCloud(from int, of names, cluster string) error {
	var wrong []error
	alive := map[string]bool{}
	for _, line := range s.Platform.Book.Lines(0, func(line cloud.Line) bool { return slices.Contains(of, line.Environment) }) {
		switch line.Deed {
		case cloud.Created, cloud.Duplicate:
			alive[line.Name+" "+line.Thing] = true
		case cloud.Deleted, cloud.Lost:
			delete(alive, line.Name+" "+line.Thing)
		}
	}
	for thing := range alive {
		wrong = append(wrong, fmt.Errorf("the cloud still has %s", thing))
	}
	for _, line := range s.Platform.Book.Lines(from, cloud.Did(cloud.Deleted)) {
		if !slices.Contains(of, line.Environment) {
			wrong = append(wrong, fmt.Errorf("what nobody asked for: %s", line))
		}
	}
	if s.Platform.Spoke(cluster) != nil {
		wrong = append(wrong, errors.New("its cluster still runs"))
	}
	return errors.Join(wrong...)
}

// order is what ends after what when an environment is taken down.
type order struct {
	stages []stage

	lock sync.Mutex
	gone map[manifest.ID]time.Time
}

// stage is what goes at one time: Applications, or objects of one kind.
type stage struct {
	name         string
	applications []string
	objects      []manifest.ID
}

// watchEnd begins to note when what belongs to an environment is deleted, until the context ends.
func (s *Story) watchEnd(ctx context.Context, name string) (*order, error) {
	golden, err := rendered(s.Platform.Fleet.Work, "hub", name)
	if err != nil {
		return nil, err
	}
	of := map[string][]string{}
	claims := map[string][]manifest.ID{}
	for _, document := range golden {
		id := document.ID()
		if id.APIVersion == claimsVersion {
			claims[id.Kind] = append(claims[id.Kind], id)
		}
		for _, element := range elements(document.Object) {
			each, _ := element["name"].(string)
			of[id.Name] = append(of[id.Name], each)
		}
	}
	o := &order{gone: map[manifest.ID]time.Time{}, stages: []stage{
		{name: "apps", applications: of[name+"-apps"]},
		{name: "addons and what its spoke has of the fleet", applications: append(of[name+"-addons"], name+"-spoke")},
		{name: "registration", objects: []manifest.ID{{APIVersion: "v1", Kind: "Secret", Namespace: "argocd", Name: "cluster-" + name}}},
		{name: "databases, pools of nodes and the peering", objects: slices.Concat(claims["Database"], claims["NodePool"], claims["Peering"])},
		{name: "cluster", objects: claims["Cluster"]},
		{name: "network", objects: claims["Network"]},
		{name: "namespace", objects: []manifest.ID{{APIVersion: "v1", Kind: "Namespace", Name: name}}},
		{name: "its plane on the hub", applications: []string{name + "-hub"}},
	}}
	for _, each := range o.stages {
		for _, id := range each.objects {
			go s.Hub.Watch(ctx, id.APIVersion, id.Kind, func(event hub.Event) {
				if event.Type == "DELETED" && manifest.Identify(event.Object) == id {
					o.lock.Lock()
					defer o.lock.Unlock()
					o.gone[id] = time.Now()
				}
			})
		}
	}
	return o, nil
}

// held wants each stage to have ended before the next one did.
func (o *order) held(t *Timeline) error {
	o.lock.Lock()
	defer o.lock.Unlock()
	var wrong []error
	var before time.Time
	last := "nothing"
	for _, each := range o.stages {
		first, end := o.span(each, t)
		switch {
		case end.IsZero():
			wrong = append(wrong, fmt.Errorf("%s: nobody saw them go", each.name))
			continue
		case first.Before(before):
			wrong = append(wrong, fmt.Errorf("%s began to go %.1f s before the last of %s had gone", each.name, before.Sub(first).Seconds(), last))
		}
		before, last = end, each.name
	}
	return errors.Join(wrong...)
}

// span is when the first and the last of a stage were gone; zero where one was not seen to go.
func (o *order) span(of stage, t *Timeline) (first, last time.Time) {
	var times []time.Time
	for _, name := range of.applications {
		seen := t.Sights(func(sight Sight) bool { return sight.Name == name && sight.Gone })
		if len(seen) == 0 {
			return time.Time{}, time.Time{}
		}
		times = append(times, seen[len(seen)-1].At)
	}
	for _, id := range of.objects {
		times = append(times, o.gone[id])
	}
	if len(times) == 0 {
		return time.Time{}, time.Time{}
	}
	return slices.MinFunc(times, time.Time.Compare), slices.MaxFunc(times, time.Time.Compare)
}
