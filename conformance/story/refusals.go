package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// refusals change nothing: they run while it is watched whether all rests.
func refusals() []Step {
	return []Step{
		{"it begins to be watched whether all rests", 3 * time.Minute, watchRest},
		{"a bad claim is refused on the hub", 3 * time.Minute, badClaim},
		{"a claim where no environment is is refused", 3 * time.Minute, strayClaim},
		{"a bad Pod is refused on the spoke", 3 * time.Minute, badPod},
		{"the namespace of a production environment is not deleted just so", 3 * time.Minute, guardedNamespace},
		{"two minutes later all is still in sync and healthy, with no sync in between", 6 * time.Minute, rested},
		{"an approval on an Application stays", 3 * time.Minute, approvalStays},
	}
}

// production is the environment of the sample that the steps use.
const production = "prod-eu"

// denied wants a refusal that names the policy.
func denied(err error, policy string) error {
	var refusal *hub.Refusal
	switch {
	case err == nil:
		return errors.New("it was let in")
	case !errors.As(err, &refusal) || !strings.Contains(refusal.Message, policy):
		return fmt.Errorf("it was refused, but not by %s: %w", policy, err)
	}
	return nil
}

// object gives one object of an environment's plane.
func (s *Story) object(environment, plane, kind, name string) (manifest.Object, error) {
	objects, err := rendered(s.Platform.Fleet.Work, plane, environment)
	if err != nil {
		return nil, err
	}
	for _, document := range objects {
		if id := document.ID(); id.Kind == kind && id.Name == name {
			return manifest.Copy(document.Object), nil
		}
	}
	return nil, fmt.Errorf("%s has no %s %s on its %s plane", environment, kind, name, plane)
}

// judge asks a server what it would say of an object.
func judge(ctx context.Context, server *hub.Hub, object manifest.Object) error {
	document, err := documents.Of(manifest.Identify(object).String(), object)
	if err != nil {
		return err
	}
	_, err = server.Judge(ctx, document)
	return err
}

func badClaim(ctx context.Context, s *Story) error {
	claim, err := s.object(production, "hub", "Database", "orders")
	if err != nil {
		return err
	}
	if err := judge(ctx, s.Hub.Site.Hub, claim); err != nil {
		return fmt.Errorf("the good one is refused too: %w", err)
	}
	claim["metadata"].(map[string]any)["name"] = "forgetful"
	spec := claim["spec"].(map[string]any)
	spec["id"], spec["highlyAvailable"] = "lighthouse-prod-eu-forgetful", false
	return denied(judge(ctx, s.Hub.Site.Hub, claim), "database-survives-failure")
}

func strayClaim(ctx context.Context, s *Story) error {
	claim, err := s.object(production, "hub", "Database", "orders")
	if err != nil {
		return err
	}
	metadata := claim["metadata"].(map[string]any)
	metadata["namespace"], metadata["name"] = "default", "stray"
	claim["spec"].(map[string]any)["id"] = "lighthouse-stray"
	return denied(judge(ctx, s.Hub.Site.Hub, claim), "claims-live-in-environments")
}

// badPod is as safe as Kubernetes' own standard wants it, which judges before anybody else, but from an unknown registry;
// the same from the fleet's registry would be let in.
func badPod(ctx context.Context, s *Story) error {
	server, err := s.server(production, "spoke")
	if err != nil {
		return err
	}
	deployment, err := server.Get(ctx, manifest.ID{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "checkout", Name: "checkout"})
	if err != nil {
		return err
	}
	pod := manifest.New("v1", "Pod", "checkout", "intruder")
	pod["spec"] = hub.Fields(deployment, "spec", "template", "spec")
	if err := judge(ctx, server, pod); err != nil {
		return fmt.Errorf("the good one is refused too: %w", err)
	}
	for _, each := range hub.Items(hub.Fields(pod, "spec")["containers"]) {
		container, _ := each.(map[string]any)
		container["image"] = "elsewhere.example.com/shop/checkout:1.4.0"
	}
	return denied(judge(ctx, server, pod), "known-registries")
}

func guardedNamespace(ctx context.Context, s *Story) error {
	err := s.Hub.MayDelete(ctx, manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: production})
	if err == nil {
		return fmt.Errorf("the namespace %s would be deleted, with its guards first and all else after them", production)
	}
	return nil
}

// approvalStays wants what a person says on a generated Application to be kept by the controller that made it.
func approvalStays(ctx context.Context, s *Story) error {
	const approved = "argocd.argoproj.io/deletion-approved"
	for _, name := range []string{"prod-eu-hub", "prod-eu-checkout"} {
		id := manifest.ID{APIVersion: "argoproj.io/v1alpha1", Kind: "Application", Namespace: "argocd", Name: name}
		change := func(value any) error {
			return s.Hub.Change(ctx, id, map[string]any{"metadata": map[string]any{"annotations": map[string]any{approved: value}}})
		}
		if err := change("2026-01-01T00:00:00Z"); err != nil {
			return err
		}
		// The set looks at its Applications at once when one changes; it is made to once more.
		for range 8 {
			time.Sleep(500 * time.Millisecond)
			object, err := s.Hub.Get(ctx, id)
			if err != nil {
				return err
			}
			if hub.Fields(object, "metadata", "annotations")[approved] == nil {
				return fmt.Errorf("%s: the approval was wiped", name)
			}
		}
		if err := change(nil); err != nil {
			return err
		}
	}
	return nil
}
