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

func tags() []Step {
	return []Step{{"a new tag is written back to Git and runs", 8 * time.Minute, followed}}
}

// followed pushes what the policy of the app takes, and what it does not.
func followed(ctx context.Context, s *Story) error {
	for _, tag := range []string{"1.4.0", "1.4.2", "1.5.0", "2.0.0"} {
		if err := s.Platform.Tag("shop/checkout", tag); err != nil {
			return err
		}
	}
	said, err := s.Platform.FollowTags(ctx, s.Hub)
	if err != nil {
		return err
	}
	if err := s.Platform.Apps.Pull(ctx); err != nil {
		return err
	}
	subjects, err := s.Platform.Apps.Subjects(ctx, 5)
	if err != nil {
		return err
	}
	if !strings.Contains(strings.Join(subjects, "\n"), production+"-checkout") {
		return fmt.Errorf("no commit of the Image Updater among %q; it said: %s", subjects, said)
	}
	if err := s.Hub.Refresh(ctx); err != nil {
		return err
	}
	server, err := s.server(production, "spoke")
	if err != nil {
		return err
	}
	const want = "registry.example.com/shop/checkout:1.4.2"
	deployment := manifest.ID{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "checkout", Name: "checkout"}
	return until(ctx, func() error {
		object, err := server.Get(ctx, deployment)
		if err != nil {
			return err
		}
		for _, each := range hub.Items(hub.Fields(object, "spec", "template", "spec")["containers"]) {
			if container, _ := each.(map[string]any); container["image"] == want {
				return nil
			}
		}
		return errors.New("what runs is not what was written back")
	})
}
