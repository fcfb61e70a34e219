package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// changes are commits, good ones and bad ones.
func changes() []Step {
	return []Step{
		{"an environment that a commit adds appears with no hand", 12 * time.Minute, added},
		{"a mistake is refused, and its repair is applied", 10 * time.Minute, mended},
		{"one sick claim does not stop other changes", 10 * time.Minute, sick},
	}
}

// the environment that is added, and that goes again.
const preview = "preview"

func added(ctx context.Context, s *Story) error {
	pushed := time.Now()
	if _, err := s.follow(ctx, "Add an environment"); err != nil {
		return err
	}
	return s.born(ctx, preview, pushed)
}

// born waits until an environment that was pushed is all there.
func (s *Story) born(ctx context.Context, environment string, pushed time.Time) error {
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
	return s.stands(ctx, environment)
}

// stands waits until all Applications of an environment are there and well, and its claims ready.
func (s *Story) stands(ctx context.Context, environment string) error {
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
		return errors.Join(err, s.are(ctx, func(name string) bool { return strings.HasPrefix(name, environment+"-") || name == "hub-hub" }))
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
