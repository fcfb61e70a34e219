package story

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/cloud"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/platform"
	"spokewright.dev/spokewright/internal/manifest"
)

// birth is from one root to a fleet that is all there.
func birth() []Step {
	return []Step{
		{"a hub with Argo CD and nothing else is there", 10 * time.Minute, empty},
		{"one root is applied", 3 * time.Minute, root},
		{"the waves pass, and no sync fails on the way", 20 * time.Minute, waves},
		{"the sets make exactly the Applications that were promised", 10 * time.Minute, exactly},
		{"claims compose and become ready", 12 * time.Minute, claims},
		{"every cluster registers itself", 6 * time.Minute, registered},
		{"every Application is in sync and healthy", 12 * time.Minute, well},
		{"every object of the planes is accepted and there", 3 * time.Minute, accepted},
		{"namespaces and policies stand on a spoke before its first app starts", 3 * time.Minute, ordered},
	}
}

func empty(ctx context.Context, s *Story) error {
	h, err := s.Platform.Start(ctx, "hub", "hub")
	if err != nil {
		return err
	}
	s.Hub = h
	s.Timeline = Record(s.Platform.Context(), h)
	s.Say("KUBECONFIG=%s", h.Kubeconfig)
	return nil
}

func root(ctx context.Context, s *Story) error {
	_, err := s.follow(ctx, "Start")
	return err
}

// waves waits until both planes of the hub are applied to their last waves.
func waves(ctx context.Context, s *Story) error {
	if err := until(ctx, func() error {
		return s.are(ctx, func(name string) bool { return name == "hub-hub" || name == "hub-spoke" })
	}); err != nil {
		return err
	}
	return s.noneFailed(func(Sight) bool { return true })
}

// noneFailed wants no operation to have failed, nor to have been tried again.
func (s *Story) noneFailed(match func(Sight) bool) error {
	var failures []error
	told := map[string]bool{}
	for _, sight := range s.Timeline.Sights(match) {
		failed := sight.Phase == "Failed" || sight.Phase == "Error" || sight.Retries > 0
		if failed && !told[sight.Name] {
			told[sight.Name] = true
			failures = append(failures, fmt.Errorf("at %s: %s", sight.At.Format("15:04:05"), sight.Application))
		}
	}
	return errors.Join(failures...)
}

// are wants the Applications with those names to be in sync and healthy.
func (s *Story) are(ctx context.Context, match func(name string) bool) error {
	all, err := s.Hub.Applications(ctx)
	if err != nil {
		return err
	}
	var sick []error
	found := 0
	for _, application := range all {
		if !match(application.Name) {
			continue
		}
		found++
		if !application.Well() {
			sick = append(sick, errors.New(application.String()))
		}
	}
	if found == 0 {
		return errors.New("there is no such Application")
	}
	return errors.Join(sick...)
}

func (s *Story) names(ctx context.Context) ([]string, error) {
	all, err := s.Hub.Applications(ctx)
	var names []string
	for _, application := range all {
		names = append(names, application.Name)
	}
	return names, err
}

func exactly(ctx context.Context, s *Story) error {
	want, err := s.promised()
	if err != nil {
		return err
	}
	err = until(ctx, func() error {
		got, err := s.names(ctx)
		if err != nil {
			return err
		}
		if missing, more := without(want, got), without(got, want); len(missing)+len(more) > 0 {
			return fmt.Errorf("missing: %s; not promised: %s", strings.Join(missing, " "), strings.Join(more, " "))
		}
		return nil
	})
	if err == nil {
		s.Say("%d Applications", len(want))
	}
	return err
}

// promised are the Applications of all planes: those of the controllers are in the hub's own.
func (s *Story) promised() ([]string, error) {
	var golden []documents.Document
	for _, plane := range []string{"hub", "spoke"} {
		more, err := rendered(s.Platform.Fleet.Work, plane)
		if err != nil {
			return nil, err
		}
		golden = append(golden, more...)
	}
	return promised(golden), nil
}

// without gives what stands in one list and not in the other.
func without(all, those []string) []string {
	var rest []string
	for _, each := range all {
		if !slices.Contains(those, each) {
			rest = append(rest, each)
		}
	}
	return rest
}

func well(ctx context.Context, s *Story) error {
	return until(ctx, func() error { return s.are(ctx, func(string) bool { return true }) })
}

const claimsVersion = "platform.spokewright.dev/v1alpha1"

// kindsOfClaims are those of both generations that the sample uses.
func kindsOfClaims() []string {
	return []string{"Network", "Cluster", "NodePool", "Peering", "Database"}
}

// unready complains of claims that match and are not ready.
func (s *Story) unready(ctx context.Context, match func(id manifest.ID) bool) (found int, err error) {
	var sick []error
	for _, kind := range kindsOfClaims() {
		objects, err := s.Hub.List(ctx, claimsVersion, kind)
		if err != nil {
			return 0, err
		}
		for _, object := range objects {
			id := manifest.Identify(object)
			if !match(id) {
				continue
			}
			found++
			if !hub.Holds(object, "Ready") || !hub.Holds(object, "Synced") {
				sick = append(sick, fmt.Errorf("%s: %s", id, conditionsOf(object)))
			}
		}
	}
	return found, errors.Join(sick...)
}

func conditionsOf(object manifest.Object) string {
	var words []string
	for _, each := range hub.Items(hub.Fields(object, "status")["conditions"]) {
		if fields, _ := each.(map[string]any); fields["status"] != "True" {
			words = append(words, fmt.Sprintf("%v %v: %v", fields["type"], fields["reason"], fields["message"]))
		}
	}
	return strings.Join(words, "; ")
}

// claims wants every claim of every environment to be there and ready, and nothing to have been made twice.
func claims(ctx context.Context, s *Story) error {
	golden, err := rendered(s.Platform.Fleet.Work, "hub")
	if err != nil {
		return err
	}
	want := 0
	for _, document := range golden {
		if document.ID().APIVersion == claimsVersion {
			want++
		}
	}
	err = until(ctx, func() error {
		found, err := s.unready(ctx, func(manifest.ID) bool { return true })
		if err == nil && found != want {
			return fmt.Errorf("%d claims, %d are in Git", found, want)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.Say("%d claims are ready; the clouds' book: %s", want, s.Platform.Book.Totals())
	if unknown := s.Hub.Cloud.Unknown(); len(unknown) > 0 {
		return fmt.Errorf("nobody plays %s", strings.Join(unknown, ", "))
	}
	return s.bookIsClean(0)
}

// bookIsClean wants nothing to have been made twice, refused, missed or deleted since a line of the book.
func (s *Story) bookIsClean(from int) error {
	if twice := s.Platform.Book.Twice(); len(twice) > 0 {
		return fmt.Errorf("made twice: %s", strings.Join(twice, ", "))
	}
	var wrong []error
	for _, line := range s.Platform.Book.Lines(from, cloud.Did(cloud.Duplicate, cloud.Refused, cloud.Missing, cloud.Deleted)) {
		wrong = append(wrong, errors.New(line.String()))
	}
	return errors.Join(wrong...)
}

// registered wants a Secret of Argo CD's for every environment with a cluster.
func registered(ctx context.Context, s *Story) error {
	golden, err := rendered(s.Platform.Fleet.Work, "hub")
	if err != nil {
		return err
	}
	return until(ctx, func() error {
		var missing []error
		for _, document := range golden {
			if id := document.ID(); id.Kind == "Cluster" && id.APIVersion == claimsVersion {
				secret, err := s.Hub.Get(ctx, manifest.ID{APIVersion: "v1", Kind: "Secret", Namespace: "argocd", Name: "cluster-" + id.Name})
				if err != nil {
					missing = append(missing, err)
				} else if hub.Fields(secret, "metadata", "labels")["argocd.argoproj.io/secret-type"] != "cluster" {
					missing = append(missing, fmt.Errorf("cluster-%s is no cluster's Secret", id.Name))
				}
			}
		}
		return errors.Join(missing...)
	})
}

// accepted wants every object of every plane to be where it belongs.
func accepted(ctx context.Context, s *Story) error {
	environments, err := s.environments()
	if err != nil {
		return err
	}
	count := 0
	return until(ctx, func() error {
		var missing []error
		count = 0
		for _, environment := range environments {
			for _, plane := range []string{"hub", "spoke"} {
				server, err := s.server(environment, plane)
				if err != nil {
					missing = append(missing, err)
					continue
				}
				objects, err := rendered(s.Platform.Fleet.Work, plane, environment)
				if err != nil {
					return err
				}
				for _, document := range objects {
					count++
					if _, err := server.Get(ctx, document.ID()); err != nil {
						missing = append(missing, fmt.Errorf("%s, %s plane: %w", environment, plane, err))
					}
				}
			}
		}
		if len(missing) == 0 {
			s.Say("%d objects of %d environments", count, len(environments))
		}
		return errors.Join(missing...)
	})
}

// server is where a plane of an environment is applied.
func (s *Story) server(environment, plane string) (*hub.Hub, error) {
	if plane == "hub" || environment == "hub" {
		return s.Hub.Site.Hub, nil
	}
	name, err := s.cluster(environment)
	if err != nil {
		return nil, err
	}
	site := s.Platform.Spoke(name)
	if site == nil {
		return nil, fmt.Errorf("the cloud has no cluster %s", name)
	}
	return site.Hub, nil
}

// cluster is what the cloud calls an environment's cluster: its id, whatever the environment is called.
func (s *Story) cluster(environment string) (string, error) {
	claim, err := s.object(environment, "hub", "Cluster", environment)
	if err != nil {
		return "", err
	}
	id, _ := hub.Fields(claim, "spec")["id"].(string)
	return id, nil
}

// ordered wants what protects a spoke to be there before what it protects.
func ordered(_ context.Context, s *Story) error {
	golden, err := rendered(s.Platform.Fleet.Work, "hub")
	if err != nil {
		return err
	}
	var wrong []error
	for _, document := range golden {
		environment, isApps := strings.CutSuffix(document.ID().Name, "-apps")
		if document.ID().Kind != "ApplicationSet" || !isApps {
			continue
		}
		guarded := s.Timeline.First(func(sight Sight) bool { return sight.Name == environment+"-spoke" && sight.Phase == "Succeeded" })
		for _, element := range elements(document.Object) {
			name, _ := element["name"].(string)
			begun := s.Timeline.First(func(sight Sight) bool { return sight.Name == name && sight.Phase != "" })
			switch {
			case guarded.IsZero():
				wrong = append(wrong, fmt.Errorf("%s-spoke was never applied", environment))
			case !begun.IsZero() && begun.Before(guarded):
				wrong = append(wrong, fmt.Errorf("%s began %.0f s before the policies of its spoke stood", name, guarded.Sub(begun).Seconds()))
			}
		}
	}
	return errors.Join(wrong...)
}

// environments are those of the fleet's checkout.
func (s *Story) environments() ([]string, error) { return platform.Environments(s.Platform.Fleet.Work) }
