package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/cloud"
	"spokewright.dev/spokewright/internal/manifest"
)

// names are all that an environment was called, one after another.
type names []string

func (n names) first() string { return n[0] }
func (n names) now() string   { return n[len(n)-1] }

// moves are a production environment that is added, and that environment and another one under new names.
func moves(trying, selling names) []Step {
	return []Step{
		{"a production environment that a command adds appears", 12 * time.Minute, func(ctx context.Context, s *Story) error { return addedLike(ctx, s, production, selling.first()) }},
		{"files that are taken away without the first step leave all alive", 8 * time.Minute, func(ctx context.Context, s *Story) error { return skipped(ctx, s, selling.first()) }},
		{"both go on under other names, and the clouds make and delete nothing", 20 * time.Minute, func(ctx context.Context, s *Story) error { return renamed(ctx, s, trying, selling) }},
	}
}

// push commits all that a script changed.
func (s *Story) push(ctx context.Context, message, script string) error {
	output, err := s.shell(ctx, script+"\ngit add -A\ngit commit -qm '"+message+"'\ngit push -q\n")
	if err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

func addedLike(ctx context.Context, s *Story, like, name string) error {
	pushed := time.Now()
	err := s.push(ctx, "Add "+name, fmt.Sprintf("spokewright env add %[1]s --from %[2]s --set apps.checkout.path=apps/checkout/overlays/%[2]s", name, like))
	if err != nil {
		return err
	}
	return s.born(ctx, name, pushed)
}

// skipped takes the files of an environment away just so. The commands refuse it; somebody who does not use them merges it
// all the same, and takes it back.
func skipped(ctx context.Context, s *Story, name string) error {
	from := s.Platform.Book.Count()
	if _, err := s.shell(ctx, "spokewright env rm "+name+" --in-sync"); err == nil {
		return errors.New("the second step was made before the first")
	}
	err := s.push(ctx, "Take "+name+" out just so", fmt.Sprintf(`
rm -r environments/%[1]s.cue overlays/%[1]s
spokewright render
code=0
spokewright diff --no-pager >/dev/null || code=$?
test $code = 4`, name))
	if err != nil {
		return err
	}
	if err := s.applied(ctx, "hub-hub"); err != nil {
		return err
	}
	select { // for whoever would delete something now
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(20 * time.Second):
	}
	all, err := s.names(ctx)
	if err != nil {
		return err
	}
	if output, err := s.shell(ctx, "git revert --no-edit HEAD\ngit push -q\n"); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	golden, err := rendered(s.Platform.Fleet.Work, "hub", name)
	if err != nil {
		return err
	}
	if gone := without(promised(golden), all); len(gone) > 0 {
		return fmt.Errorf("gone: %s", strings.Join(gone, " "))
	}
	return errors.Join(s.stands(ctx, name), s.bookIsClean(from))
}

// runbook gives a block of the runbook's commands, told of an environment's name and the one that it gets.
func (s *Story) runbook(heading string, block int, from, to string) (string, error) {
	blocks, err := s.Runbook.Commands(heading)
	if err != nil {
		return "", err
	}
	if block >= len(blocks) {
		return "", fmt.Errorf("the runbook has %d blocks of commands under %q", len(blocks), heading)
	}
	return strings.NewReplacer("trial", from, "shop", to).Replace(blocks[block]), nil
}

const renaming = "To rename it"

// renamed gives environments their last names, all at once, step by step as the runbook says.
func renamed(ctx context.Context, s *Story, all ...names) error {
	from := s.Platform.Book.Count()
	steps := []struct {
		message string
		done    func(ctx context.Context, s *Story, n names, pushed time.Time) error
	}{
		{"Record what %s has", func(context.Context, *Story, names, time.Time) error { return nil }},
		{"Release %s", released},
		{"Let %s go on under another name", movedIn},
	}
	for i, step := range steps {
		pushed := time.Now()
		for _, n := range all {
			script, err := s.runbook("To rename it", i, n.first(), n.now())
			if err == nil {
				err = s.push(ctx, fmt.Sprintf(step.message, n.first()), script+"spokewright render\n")
			}
			if err != nil {
				return err
			}
		}
		for _, n := range all {
			if err := step.done(ctx, s, n, pushed); err != nil {
				return fmt.Errorf("%s: %w", fmt.Sprintf(step.message, n.first()), err)
			}
		}
	}
	if err := recorded(ctx, s); err != nil {
		return err
	}
	var made []error
	for _, line := range s.Platform.Book.Lines(from, cloud.Did(cloud.Created)) {
		made = append(made, errors.New(line.String()))
	}
	return errors.Join(append(made, s.bookIsClean(from))...)
}

// released waits until the hub knows that an environment goes on elsewhere.
func released(ctx context.Context, s *Story, n names, pushed time.Time) error {
	if err := s.confirm(ctx, n.first(), pushed); err != nil {
		return err
	}
	return s.applied(ctx, "hub-hub", n.first()+"-hub")
}

// movedIn waits until an environment stands under its new name, and nothing under its old one.
func movedIn(ctx context.Context, s *Story, n names, _ time.Time) error {
	if err := s.gone(ctx, manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: n.first()}); err != nil {
		return err
	}
	return errors.Join(s.stands(ctx, n.now()), until(ctx, func() error { return s.leftOnHub(ctx, n.first()) }))
}

// confirm says yes once Argo CD asks, as it does for an environment of production.
func (s *Story) confirm(ctx context.Context, name string, since time.Time) error {
	if !strings.HasPrefix(name, "prod-") {
		return nil
	}
	if err := until(ctx, func() error { return s.asked(name, since) }); err != nil {
		return err
	}
	script, err := s.runbook(takingDown, 1, name, "")
	if err != nil {
		return err
	}
	if output, err := s.shell(ctx, script); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}
