package story

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/cloud"
)

// kills are three moments at which every controller is killed: at rest, while an environment is born, while a hub starts.
func kills() []Step {
	return []Step{
		{"every controller is killed at rest: the same end", 16 * time.Minute, killedAtRest},
		{"every controller is killed while an environment is born: the same end", 20 * time.Minute, killedAtBirth},
		{"the second hub is lost too, and every controller of the third is killed while it starts: the same end", 30 * time.Minute, killedAtStart},
	}
}

// controllers are the programs of a hub that are killed.
func controllers() []string {
	return []string{
		"argocd-application-controller", "argocd-applicationset-controller", "argocd-repo-server", "redis",
		"crossplane", "function-patch-and-transform", "function-auto-ready", "kyverno-admission", "kube-controller-manager",
	}
}

// between two kills.
const between = 4 * time.Second

// kill kills every controller, one after another; one that does not run yet is killed once it does.
func (s *Story) kill(ctx context.Context) error {
	for _, name := range controllers() {
		err := until(ctx, func() error { return s.Hub.Crew.Kill(name) })
		if err != nil {
			return fmt.Errorf("killing %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(between):
		}
	}
	return nil
}

// whole wants all to be as if nobody had been killed.
func (s *Story) whole(ctx context.Context, from int) error {
	if err := claimsAgain(ctx, s); err != nil {
		return err
	}
	if err := well(ctx, s); err != nil {
		return err
	}
	return s.bookIsClean(from)
}

func killedAtRest(ctx context.Context, s *Story) error {
	from := s.Platform.Book.Count()
	if err := s.kill(ctx); err != nil {
		return err
	}
	return s.whole(ctx, from)
}

func killedAtBirth(ctx context.Context, s *Story) error {
	from := s.Platform.Book.Count()
	blocks, err := s.Page.Commands("Add an environment")
	if err != nil {
		return err
	}
	killed := make(chan error, 1)
	go func() { killed <- s.kill(ctx) }()
	script := strings.ReplaceAll(blocks[0], preview, "trial")
	if output, err := s.shell(ctx, script); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	if err := <-killed; err != nil {
		return err
	}
	if err := s.Hub.Refresh(ctx); err != nil {
		return err
	}
	if err := exactly(ctx, s); err != nil {
		return err
	}
	return s.whole(ctx, from)
}

func killedAtStart(ctx context.Context, s *Story) error {
	if err := recorded(ctx, s); err != nil { // what was made since
		return err
	}
	s.marks["loss"] = s.Platform.Book.Count()
	s.Hub.Lose()
	third, err := s.Platform.Start(ctx, "hub3", "hub")
	if err != nil {
		return err
	}
	s.Hub = third
	s.Timeline = Record(s.Platform.Context(), third)
	killed := make(chan error, 1)
	go func() { killed <- s.kill(ctx) }()
	if err := root(ctx, s); err != nil {
		return err
	}
	if err := <-killed; err != nil {
		return err
	}
	return errors.Join(s.whole(ctx, s.marks["loss"]), s.untouched())
}

// forgotten is the same loss with the recorded names taken out: it shows that they are what keeps the book clean. It is
// the last step, since nothing is in order after it.
func forgotten() []Step {
	return []Step{{"without the recorded names a hub makes networks again, and finds no way to its databases", 30 * time.Minute, stripped}}
}

func stripped(ctx context.Context, s *Story) error {
	if output, err := s.shell(ctx, "rm environments/*.names.cue\nspokewright render\ngit add -A\ngit commit -qm \"Forget the names\"\ngit push -q\n"); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	from := s.Platform.Book.Count()
	s.Hub.Lose()
	next, err := s.Platform.Start(ctx, "forgetful", "hub")
	if err != nil {
		return err
	}
	s.Hub = next
	if err := root(ctx, s); err != nil {
		return err
	}
	const least = 18 // of AWS, an environment
	environments := []string{"dev", production}
	again := func(deed cloud.Deed, kind string) map[string]int {
		count := map[string]int{}
		for _, line := range s.Platform.Book.Lines(from, cloud.Did(deed)) {
			if strings.HasPrefix(line.Thing, kind) {
				count[line.Environment]++
			}
		}
		return count
	}
	if err := until(ctx, func() error { return each(environments, least, again(cloud.Duplicate, ""), "things made again") }); err != nil {
		return err
	}
	// Their clusters wait for roles that are there already, and the databases wait for the clusters: somebody loses patience.
	if err := s.databases(ctx, environments); err != nil {
		return err
	}
	if err := until(ctx, func() error { return each(environments, 1, again(cloud.Refused, "Instance.rds."), "databases refused") }); err != nil {
		return err
	}
	s.Say("made again: %v; databases refused: %v", again(cloud.Duplicate, ""), again(cloud.Refused, "Instance.rds."))
	return nil
}

// each wants every environment to have so many of something.
func each(environments []string, least int, have map[string]int, of string) error {
	for _, environment := range environments {
		if have[environment] < least {
			return fmt.Errorf("%s: %d %s", environment, have[environment], of)
		}
	}
	return nil
}

// databases applies the claims for databases by hand.
func (s *Story) databases(ctx context.Context, environments []string) error {
	golden, err := rendered(s.Platform.Fleet.Work, "hub", environments...)
	if err != nil {
		return err
	}
	for _, document := range golden {
		if document.ID().Kind != "Database" {
			continue
		}
		if err := until(ctx, func() error { return s.Hub.Apply(ctx, document) }); err != nil {
			return err
		}
	}
	return nil
}

// thorough are the steps that only the long story has.
func thorough() []Step { return slices.Concat(kills(), forgotten()) }
