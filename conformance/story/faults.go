package story

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// fault is something that was wrong once: put back, a step of the story has to go red.
type fault struct {
	name  string
	edits []edit
	red   func(ctx context.Context, s *Story) error // nil where the step is red
}

// edit puts back what a file of golden trees once said.
type edit struct{ file, from, to string }

// faults shows that the steps can fail. The last one leaves an operation behind that nothing ends.
func faults() []Step {
	const hubs, dev, selling = "golden/hub/hub.yaml", "golden/dev/hub.yaml", "golden/prod-eu/hub.yaml"
	const preserved = "  preservedFields:\n    annotations:\n    - argocd.argoproj.io/deletion-approved\n"
	all := []fault{
		{"a policy that denies every change of what is left over", []edit{{hubs, "      - CREATE\n", "      - CREATE\n      - UPDATE\n"}, {hubs, "        \"dev\",\n        \"hub\"", "        \"hub\""}}, stranded},
		{"objects without what the API server adds inside a list", []edit{{dev, "      conversionStrategy: Default\n      decodingStrategy: None\n", ""}, {dev, "      metadataPolicy: None\n", ""}}, restless},
		{"sets that keep no annotation", []edit{{hubs, preserved, ""}, {selling, preserved, ""}}, says("wiped", approvalStays)},
		{"a guard of namespaces that lets production pass", []edit{{hubs, "        \"staging\",\n      ])", "        \"staging\",\n        \"production\",\n      ])"}}, says("would be deleted", guardedNamespace)},
		{"apps in the wave of what protects their spoke", nil, hasty},
		{"a plane that waits for what it has applied long ago", nil, chained},
		{"operations that try the old commit for ever", []edit{{hubs, "          refresh: true\n", ""}}, within(90*time.Second, says("the repair is not applied", mended))},
	}
	var steps []Step
	for _, each := range all {
		steps = append(steps, Step{"red again: " + each.name, 8 * time.Minute, func(ctx context.Context, s *Story) error { return s.broken(ctx, each) }})
	}
	return steps
}

// says wants a step to fail with those words.
func says(words string, step func(context.Context, *Story) error) func(context.Context, *Story) error {
	return func(ctx context.Context, s *Story) error {
		switch err := step(ctx, s); {
		case err == nil:
			return errors.New("the step is green")
		case !strings.Contains(err.Error(), words):
			return fmt.Errorf("the step is red for another reason: %w", err)
		default:
			s.Say("%v", err)
			return nil
		}
	}
}

// within gives a step less time.
func within(time time.Duration, step func(context.Context, *Story) error) func(context.Context, *Story) error {
	return func(ctx context.Context, s *Story) error {
		ctx, cancel := context.WithTimeout(ctx, time)
		defer cancel()
		return step(ctx, s)
	}
}

// broken puts a fault back, wants it to be seen, and mends it.
func (s *Story) broken(ctx context.Context, f fault) error {
	var planes []string
	for _, each := range f.edits {
		path := filepath.Join(s.Platform.Fleet.Work, each.file)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !strings.Contains(string(text), each.from) {
			return fmt.Errorf("%s does not say %q", each.file, each.from)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), each.from, each.to)), 0o600); err != nil {
			return err
		}
		planes = append(planes, strings.Split(each.file, "/")[1]+"-hub")
	}
	if f.edits == nil {
		return f.red(ctx, s)
	}
	if err := s.push(ctx, "Put back "+f.name, ""); err != nil {
		return err
	}
	fault, err := s.head(ctx)
	if err != nil {
		return err
	}
	seen := s.reached(ctx, planes...)
	if seen == nil {
		seen = f.red(ctx, s)
	}
	if output, err := s.shell(ctx, "git revert --no-edit "+fault+"\ngit push -q\n"); err != nil {
		return errors.Join(seen, fmt.Errorf("%w: %s", err, output))
	}
	return errors.Join(seen, s.reached(ctx, planes...))
}

// reached waits until the newest commit was applied by these Applications, well or not.
func (s *Story) reached(ctx context.Context, names ...string) error {
	revision, err := s.head(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := until(ctx, func() error {
			seen := s.Timeline.Sights(func(sight Sight) bool {
				return sight.Name == name && sight.Revision == revision && sight.Phase == "Succeeded"
			})
			if len(seen) == 0 {
				return fmt.Errorf("%s has not applied %s", name, revision[:7])
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// stranded wants a claim outside the list to be refused what Crossplane and people write on what goes.
func stranded(ctx context.Context, s *Story) error {
	id := manifest.ID{APIVersion: claimsVersion, Kind: "Network", Namespace: "dev", Name: "dev"}
	refused := func(context.Context, *Story) error {
		return s.Hub.Change(ctx, id, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"spokewright.dev/deletion-approved": "true"}}})
	}
	return until(ctx, func() error { return says("claims-live-in-environments", refused)(ctx, s) })
}

// restless wants a plane that was just applied to be out of sync.
func restless(ctx context.Context, s *Story) error {
	return until(ctx, func() error {
		return says("OutOfSync", func(ctx context.Context, s *Story) error {
			return s.are(ctx, func(name string) bool { return name == "dev-hub" })
		})(ctx, s)
	})
}

// hasty has an environment come whose apps stand in the wave of what protects its spoke, and wants them to have begun first.
func hasty(ctx context.Context, s *Story) error {
	pushed := time.Now()
	err := s.push(ctx, "Add an environment in a hurry", `
spokewright env add hasty --from dev --set apps.checkout.path=apps/checkout/overlays/dev
sed -i 's/sync-wave: "\(45\|50\)"/sync-wave: "35"/' golden/hasty/hub.yaml`)
	if err != nil {
		return err
	}
	if err := s.born(ctx, "hasty", pushed); err != nil {
		return err
	}
	seen := says("before the policies of its spoke stood", ordered)(ctx, s)
	return errors.Join(seen, s.push(ctx, "Have it stand as it is rendered", "spokewright render"))
}

// chained has the hub's plane apply all of itself again, in the way of which a sick provider is, and wants a new environment to be kept
// out. Commands write the plane as it is rendered: the fault is put back behind each.
func chained(ctx context.Context, s *Story) error {
	const fault = "sed -i '/ApplyOutOfSyncOnly=true/d' golden/hub/hub.yaml"
	if err := s.push(ctx, "Have planes apply all of themselves", fault); err != nil {
		return err
	}
	if err := until(ctx, func() error { return s.appliesAll(ctx) }); err != nil {
		return err
	}
	heal, err := s.sicken(ctx, "provider-gcp-sql")
	if err != nil {
		return err
	}
	kept := within(90*time.Second, says("no claim is there", func(ctx context.Context, s *Story) error {
		pushed := time.Now()
		if err := s.push(ctx, "Add an environment behind a chain", "spokewright env add chained --from dev --set apps.checkout.path=apps/checkout/overlays/dev\n"+fault); err != nil {
			return err
		}
		return s.claimed(ctx, "chained", pushed)
	}))(ctx, s)
	return errors.Join(kept, heal(ctx), s.push(ctx, "Have it stand as it is rendered", "spokewright render"))
}

// appliesAll complains while the hub's plane applies only what differs.
func (s *Story) appliesAll(ctx context.Context) error {
	plane, err := s.Hub.Get(ctx, manifest.ID{APIVersion: "argoproj.io/v1alpha1", Kind: "Application", Namespace: "argocd", Name: "hub-hub"})
	if err == nil && strings.Contains(fmt.Sprint(hub.Fields(plane, "spec", "syncPolicy")["syncOptions"]), "ApplyOutOfSyncOnly") {
		err = errors.New("the hub's plane applies only what differs")
	}
	return err
}
