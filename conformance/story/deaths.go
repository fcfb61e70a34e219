package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/cloud"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// deaths are what is deleted because somebody asked for it: a claim, and an environment.
func deaths(of names) []Step {
	return []Step{
		{"the deletion of a production claim is refused, approved once, carried out", 12 * time.Minute, approved},
		end("an environment is taken down to its last object, in the order promised", of),
	}
}

// approved adds a database to a production environment and takes it away again.
func approved(ctx context.Context, s *Story) error {
	id := manifest.ID{APIVersion: claimsVersion, Kind: "Database", Namespace: production, Name: "reviews"}
	_, err := s.shell(ctx, `
printf 'databases: reviews: {engine: "postgres", storageGB: 50}\n' >>environments/prod-eu.cue
spokewright render
git add -A
git commit -m "Add reviews to prod-eu"
git push`)
	if err != nil {
		return err
	}
	err = until(ctx, func() error {
		object, err := s.Hub.Get(ctx, id)
		if err == nil && !hub.Holds(object, "Ready") {
			err = errors.New(conditionsOf(object))
		}
		return errors.Join(err, s.are(ctx, func(name string) bool { return name == production+"-hub" }))
	})
	if err != nil {
		return err
	}
	if err := s.Hub.MayDelete(ctx, id); err == nil {
		return errors.New("anybody may delete it")
	}
	began := time.Now()
	if _, err := s.shell(ctx, `
sed -i '/reviews/d' environments/prod-eu.cue
spokewright render
git commit -am "Take reviews out of prod-eu"
git push`); err != nil {
		return err
	}
	if err := until(ctx, func() error { return s.asked(production, began) }); err != nil {
		return err
	}
	if _, err := s.Hub.Get(ctx, id); err != nil {
		return fmt.Errorf("it is gone with nobody's approval: %w", err)
	}
	if _, err := s.follow(ctx, "Approve a deletion"); err != nil {
		return err
	}
	if err := s.gone(ctx, id); err != nil {
		return err
	}
	return until(ctx, func() error { return s.are(ctx, func(name string) bool { return name == production+"-hub" }) })
}

// asked complains while nobody was asked, since a moment, to confirm what Argo CD would delete of an environment.
func (s *Story) asked(environment string, since time.Time) error {
	seen := s.Timeline.Sights(func(sight Sight) bool {
		return sight.Name == environment+"-hub" && sight.At.After(since) && strings.Contains(sight.Message, "confirmation")
	})
	if len(seen) == 0 {
		return errors.New("nobody is asked whether it may be deleted")
	}
	return nil
}

// gone waits until an object is not there.
func (s *Story) gone(ctx context.Context, id manifest.ID) error {
	return until(ctx, func() error {
		object, err := s.Hub.Get(ctx, id)
		switch {
		case hub.Is(err, 404):
			return nil
		case err != nil:
			return err
		}
		metadata := hub.Fields(object, "metadata")
		return fmt.Errorf("%s is still there: deleted at %v, held by %v", id, metadata["deletionTimestamp"], metadata["finalizers"])
	})
}

// applied waits until Applications are well at the newest commit.
func (s *Story) applied(ctx context.Context, names ...string) error {
	revision, err := s.head(ctx)
	if err != nil {
		return err
	}
	return until(ctx, func() error {
		all, err := s.Hub.Applications(ctx)
		if err != nil {
			return err
		}
		left := without(names, nil)
		for _, application := range all {
			if application.Well() && application.Revision == revision {
				left = without(left, []string{application.Name})
			}
		}
		if len(left) > 0 {
			return errors.Join(fmt.Errorf("%s: not at %s yet", strings.Join(left, ", "), revision[:7]),
				s.are(ctx, func(name string) bool { return name == left[0] }))
		}
		return nil
	})
}

// losses are what nobody asked for.
func losses() []Step {
	return []Step{
		{"what the clouds made is recorded in Git", 8 * time.Minute, recorded},
		{"the hub is lost, and a second one starts from the same root", 12 * time.Minute, lost},
		{"every claim is ready on the second hub, and the clouds made and deleted nothing", 20 * time.Minute, restored},
		{"every Application of the second hub is in sync and healthy", 12 * time.Minute, well},
		{"the clouds' book: each thing made once, nothing deleted but what was asked for", 3 * time.Minute, closing},
	}
}

func recorded(ctx context.Context, s *Story) error {
	if output, err := s.follow(ctx, "Record what the cloud made"); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return until(ctx, func() error { return s.are(ctx, func(name string) bool { return strings.HasSuffix(name, "-hub") }) })
}

func lost(ctx context.Context, s *Story) error {
	s.marks["loss"] = s.Platform.Book.Count()
	s.Hub.Lose()
	second, err := s.Platform.Start(ctx, "hub2", "hub")
	if err != nil {
		return err
	}
	s.Hub = second
	s.Timeline = Record(s.Platform.Context(), second)
	s.Say("KUBECONFIG=%s", second.Kubeconfig)
	return s.rehearse(ctx, 0)
}

// rehearse runs one block of commands of the page of rehearsals, for a hub that is lost.
func (s *Story) rehearse(ctx context.Context, block int) error {
	blocks, err := s.Losses.Commands(losingTheHub)
	if err != nil {
		return err
	}
	if output, err := s.shell(ctx, blocks[block]); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

const losingTheHub = "Lose the hub"

func restored(ctx context.Context, s *Story) error {
	err := claimsAgain(ctx, s)
	if err == nil {
		err = until(ctx, func() error { return s.rehearse(ctx, 1) })
	}
	return errors.Join(err, s.untouched())
}

func claimsAgain(ctx context.Context, s *Story) error {
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
	return until(ctx, func() error {
		found, err := s.unready(ctx, func(manifest.ID) bool { return true })
		if err == nil && found != want {
			return fmt.Errorf("%d claims, %d are in Git", found, want)
		}
		return err
	})
}

// untouched wants the clouds to have made, deleted and refused nothing since the hub was lost.
func (s *Story) untouched() error {
	var wrong []error
	for _, line := range s.Platform.Book.Lines(s.marks["loss"], cloud.Did(cloud.Created, cloud.Duplicate, cloud.Refused, cloud.Missing, cloud.Deleted)) {
		wrong = append(wrong, errors.New(line.String()))
	}
	return errors.Join(wrong...)
}

func closing(_ context.Context, s *Story) error {
	if twice := s.Platform.Book.Twice(); len(twice) > 0 {
		return fmt.Errorf("made twice: %s", strings.Join(twice, ", "))
	}
	var wrong []error
	for _, line := range s.Platform.Book.Lines(0, cloud.Did(cloud.Deleted)) {
		if !s.ended[line.Environment] {
			wrong = append(wrong, fmt.Errorf("what nobody asked for: %s", line))
		}
	}
	s.Say("the clouds' book: %s", s.Platform.Book.Totals())
	return errors.Join(wrong...)
}
