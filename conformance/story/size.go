package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/platform"
	"spokewright.dev/spokewright/internal/manifest"
)

// Size are the steps that measure a hub with environments that are alike. Their claims are stored and said to be ready:
// Crossplane rests, and no spoke is there.
func Size() []Step {
	return []Step{
		{"a hub with Argo CD and nothing else is there", 10 * time.Minute, empty},
		{"one root is applied", 3 * time.Minute, root},
		{"claims are stored from now on, and said to be ready", 20 * time.Minute, stored},
		{"every environment has its claims", 60 * time.Minute, populated},
		{"the hub rests", 10 * time.Minute, measured},
		{"a commit adds one more environment: its first claim", 20 * time.Minute, oneMore},
	}
}

// stored waits until the kinds of claims are served, and puts Crossplane to rest.
func stored(ctx context.Context, s *Story) error {
	err := until(ctx, func() error {
		for _, kind := range kindsOfClaims() {
			if _, err := s.Hub.List(ctx, claimsVersion, kind); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.Hub.Crew.Pause("crossplane"); err != nil {
		return err
	}
	for _, kind := range kindsOfClaims() {
		go s.Hub.Watch(s.Platform.Context(), claimsVersion, kind, func(event hub.Event) {
			if event.Type == "DELETED" || hub.Holds(event.Object, "Ready") {
				return
			}
			now := time.Now().UTC().Format(time.RFC3339)
			var conditions []any
			for _, each := range []string{"Synced", "Ready"} {
				conditions = append(conditions, map[string]any{"type": each, "status": "True", "reason": "Available", "lastTransitionTime": now})
			}
			err := s.Hub.Tell(s.Platform.Context(), manifest.Identify(event.Object), map[string]any{"conditions": conditions})
			if err != nil && !hub.Is(err, 404) {
				s.Say("%v", err)
			}
		})
	}
	return nil
}

// populated wants what Git has of every kind of claim.
func populated(ctx context.Context, s *Story) error {
	golden, err := rendered(s.Platform.Fleet.Work, "hub")
	if err != nil {
		return err
	}
	want := map[string]int{}
	for _, document := range golden {
		if id := document.ID(); id.APIVersion == claimsVersion {
			want[id.Kind]++
		}
	}
	return until(ctx, func() error {
		var missing []error
		for kind, count := range want {
			found, err := s.Hub.Count(ctx, claimsVersion, kind)
			if err != nil || found < count {
				missing = append(missing, errors.Join(err, fmt.Errorf("%d of %d of kind %s", found, count, kind)))
			}
		}
		return errors.Join(missing...)
	})
}

// measured says what the controllers hold after a minute in which nothing was asked of them.
func measured(ctx context.Context, s *Story) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Minute):
	}
	all, err := s.Hub.Applications(ctx)
	s.Say("%d Applications; memory: %s", len(all), strings.Join(s.Platform.Memory(), ", "))
	return err
}

func oneMore(ctx context.Context, s *Story) error {
	if err := platform.Copy(s.Platform.Fleet.Work, "copy-001", preview); err != nil {
		return err
	}
	if output, err := s.shell(ctx, "spokewright render\ngit add -A\ngit commit -qm 'Add preview'\ngit push -q\n"); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	pushed := time.Now()
	first := manifest.ID{APIVersion: claimsVersion, Kind: "Network", Namespace: preview, Name: preview}
	if err := until(ctx, func() error { _, err := s.Hub.Get(ctx, first); return err }); err != nil {
		return err
	}
	s.Say("%.1f s from the push to the first claim", time.Since(pushed).Seconds())
	return nil
}
