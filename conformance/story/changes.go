package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/crossplane"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// changes are commits, good ones and bad ones.
func changes() []Step {
	return []Step{
		{"an environment that a commit adds appears with no hand, though a provider is sick", 12 * time.Minute, added},
		{"a mistake is refused, and its repair is applied", 10 * time.Minute, mended},
		{"one sick claim does not stop other changes", 10 * time.Minute, sick},
	}
}

// the environment that is added, and that goes again.
const preview = "preview"

// added is done while a provider of another cloud is sick, which concerns no environment but those on that cloud.
func added(ctx context.Context, s *Story) error {
	heal, err := s.sicken(ctx, "provider-gcp-sql")
	if err != nil {
		return err
	}
	pushed := time.Now()
	_, err = s.follow(ctx, "Add an environment")
	if err == nil {
		err = s.claimed(ctx, preview, pushed)
	}
	if err == nil {
		err = s.complete(ctx, preview)
	}
	if err := errors.Join(err, heal(ctx)); err != nil {
		return err
	}
	return s.stands(ctx, preview)
}

// sicken has what runs a provider fail, waits until the platform's Application says so, and gives what heals it.
func (s *Story) sicken(ctx context.Context, provider string) (heal func(context.Context) error, err error) {
	revisions, err := s.Hub.List(ctx, "pkg.crossplane.io/v1", "ProviderRevision")
	if err != nil {
		return nil, err
	}
	for _, each := range revisions {
		if hub.Fields(each, "metadata", "labels")["pkg.crossplane.io/package"] != provider {
			continue
		}
		says := func(ctx context.Context, message any) error {
			return s.Hub.Change(ctx, manifest.Identify(each), map[string]any{"metadata": map[string]any{"annotations": map[string]any{crossplane.Sick: message}}})
		}
		if err := says(ctx, "the node it ran on is gone"); err != nil {
			return nil, err
		}
		heal := func(ctx context.Context) error { return says(context.WithoutCancel(ctx), nil) } // also where the time is over
		err := until(ctx, func() error {
			if s.are(ctx, func(name string) bool { return name == "hub-spoke" }) == nil {
				return fmt.Errorf("nobody says that %s is sick", provider)
			}
			return nil
		})
		return heal, err
	}
	return nil, fmt.Errorf("there is no revision of %s", provider)
}

// born waits until an environment that was pushed is all there.
func (s *Story) born(ctx context.Context, environment string, pushed time.Time) error {
	if err := s.claimed(ctx, environment, pushed); err != nil {
		return err
	}
	return s.stands(ctx, environment)
}

// claimed waits for the first claim of an environment that was pushed.
func (s *Story) claimed(ctx context.Context, environment string, pushed time.Time) error {
	of := func(id manifest.ID) bool { return id.Namespace == environment }
	err := until(ctx, func() error {
		found, err := s.unready(ctx, of)
		if found == 0 {
			return errors.Join(err, errors.New("no claim is there"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Say("%.1f s from the commit to the first claim", time.Since(pushed).Seconds())
	return nil
}

// stands waits until an environment is complete and the hub that lists it is well.
func (s *Story) stands(ctx context.Context, environment string) error {
	if err := s.complete(ctx, environment); err != nil {
		return err
	}
	return until(ctx, func() error { return s.are(ctx, func(name string) bool { return name == "hub-hub" }) })
}

// complete waits until all Applications of an environment are there and well, and its claims ready.
func (s *Story) complete(ctx context.Context, environment string) error {
	golden, err := rendered(s.Platform.Fleet.Work, "hub", environment)
	if err != nil {
		return err
	}
	want := promised(golden)
	return until(ctx, func() error {
		names, err := s.names(ctx)
		if err != nil {
			return err
		}
		if missing := without(want, names); len(missing) > 0 {
			return fmt.Errorf("missing: %s", strings.Join(missing, " "))
		}
		_, err = s.unready(ctx, func(id manifest.ID) bool { return id.Namespace == environment })
		return errors.Join(err, s.are(ctx, func(name string) bool { return strings.HasPrefix(name, environment+"-") }))
	})
}

// mended breaks a claim in Git, sees that the hub says so, and repairs it while the broken one is still being tried.
func mended(ctx context.Context, s *Story) error {
	blocks, err := s.Page.Commands("Mend a mistake")
	if err != nil {
		return err
	}
	if _, err := s.shell(ctx, blocks[0]); err != nil {
		return err
	}
	broken := time.Now()
	err = until(ctx, func() error {
		seen := s.Timeline.Sights(func(sight Sight) bool {
			return sight.Name == "dev-hub" && sight.At.After(broken) && (sight.Phase == "Failed" || sight.Retries > 0 || sight.Phase == "Running" && strings.Contains(sight.Message, "storageGB"))
		})
		if len(seen) == 0 {
			return errors.New("nobody says that dev-hub could not be applied")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if output, err := s.shell(ctx, blocks[1]); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	repaired := time.Now()
	revision, err := s.head(ctx)
	if err != nil {
		return err
	}
	err = until(ctx, func() error {
		seen := s.Timeline.Sights(func(sight Sight) bool {
			return sight.Name == "dev-hub" && sight.At.After(repaired) && sight.Phase == "Succeeded" && sight.Well() && sight.Revision == revision
		})
		if len(seen) == 0 {
			return errors.Join(errors.New("the repair is not applied"), s.are(ctx, func(name string) bool { return name == "dev-hub" }))
		}
		return nil
	})
	if err == nil {
		s.Say("%.1f s from the repair's commit until it was applied", time.Since(repaired).Seconds())
	}
	return err
}

// sick has the cloud fail at a new database, and wants the next commit to reach the cluster all the same.
func sick(ctx context.Context, s *Story) error {
	const fault = "Instance.rds.aws/lighthouse-dev-broken-database"
	s.Hub.Cloud.Fail(fault, "create failed: the account has no room for another database")
	defer s.Hub.Cloud.Fail(fault, "")
	_, err := s.shell(ctx, `
sed -i '/^databases:/d' environments/dev.cue
printf 'databases: {orders: engine: "postgres", broken: engine: "postgres"}\n' >>environments/dev.cue
spokewright render
git add -A
git commit -m "Add a database that the cloud cannot make"
git push`)
	if err != nil {
		return err
	}
	database := manifest.ID{APIVersion: claimsVersion, Kind: "Database", Namespace: "dev", Name: "broken"}
	if err := until(ctx, func() error { _, err := s.Hub.Get(ctx, database); return err }); err != nil {
		return err
	}
	_, err = s.shell(ctx, `
sed -i 's/region: "eu-west-1"}/region: "eu-west-1", nodes: max: 5}/' environments/dev.cue
spokewright render
git commit -am "Let dev grow"
git push`)
	if err != nil {
		return err
	}
	pushed := time.Now()
	cluster := manifest.ID{APIVersion: claimsVersion, Kind: "Cluster", Namespace: "dev", Name: "dev"}
	err = until(ctx, func() error {
		object, err := s.Hub.Get(ctx, cluster)
		if err != nil {
			return err
		}
		if most := hub.Fields(object, "spec", "nodes")["max"]; fmt.Sprint(most) != "5" {
			return errors.Join(fmt.Errorf("the cluster of dev still has at most %v nodes", most), s.are(ctx, func(name string) bool { return name == "dev-hub" }))
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Say("%.1f s from the commit until the other change was applied", time.Since(pushed).Seconds())
	s.Hub.Cloud.Fail(fault, "")
	s.Hub.Cloud.Again(ctx)
	return until(ctx, func() error { return s.are(ctx, func(name string) bool { return name == "dev-hub" }) })
}
