package story

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// quiet watches whether Argo CD rests.
type quiet struct {
	done chan struct{}
	err  error
}

// rest is how long a fleet that is in sync must stay so.
const rest = 2 * time.Minute

// watchRest begins to look whether all stays in sync and healthy with no sync in between. The steps in between must not
// change anything.
func watchRest(ctx context.Context, s *Story) error {
	before, err := s.Hub.Applications(ctx)
	if err != nil {
		return err
	}
	finished := map[string]string{}
	for _, application := range before {
		finished[application.Name] = application.Finished
	}
	q := &quiet{done: make(chan struct{})}
	s.quiet = q
	began := time.Now()
	go func() {
		defer close(q.done)
		wrong := map[string]error{}
		for time.Since(began) < rest {
			all, err := s.Hub.Applications(s.Platform.Context())
			if err != nil {
				q.err = err
				return
			}
			for _, application := range all {
				after := time.Since(began).Seconds()
				switch {
				case !application.Well():
					wrong[application.Name] = fmt.Errorf("after %.0f s: %s", after, application)
				case application.Finished != finished[application.Name] && wrong[application.Name] == nil:
					wrong[application.Name] = fmt.Errorf("after %.0f s %s was synced again", after, application.Name)
				}
			}
			time.Sleep(time.Second)
		}
		for _, each := range wrong {
			q.err = errors.Join(q.err, each)
		}
	}()
	return nil
}

func rested(ctx context.Context, s *Story) error {
	select {
	case <-s.quiet.done:
		return s.quiet.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
