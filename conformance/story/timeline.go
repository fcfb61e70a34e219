package story

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/platform"
)

// Timeline is what was ever seen of a hub's Applications.
type Timeline struct {
	lock sync.Mutex
	seen []Sight
}

// Sight is an Application as it was at a moment. Gone is one that was deleted.
type Sight struct {
	At time.Time
	platform.Application
	Gone bool
}

// Record watches the Applications until the context ends.
func Record(ctx context.Context, h *platform.Hub) *Timeline {
	t := &Timeline{}
	last := map[string]string{}
	go h.Watch(ctx, "argoproj.io/v1alpha1", "Application", func(event hub.Event) {
		application := platform.Told(event.Object)
		text := fmt.Sprint(application, event.Type == "DELETED")
		t.lock.Lock()
		defer t.lock.Unlock()
		if last[application.Name] != text {
			last[application.Name] = text
			t.seen = append(t.seen, Sight{time.Now(), application, event.Type == "DELETED"})
		}
	})
	return t
}

// Sights are those that match, the oldest first.
func (t *Timeline) Sights(match func(Sight) bool) []Sight {
	t.lock.Lock()
	defer t.lock.Unlock()
	var found []Sight
	for _, sight := range t.seen {
		if match(sight) {
			found = append(found, sight)
		}
	}
	return found
}

// First is the first time that something was so; the zero time if it never was.
func (t *Timeline) First(match func(Sight) bool) time.Time {
	t.lock.Lock()
	defer t.lock.Unlock()
	if i := slices.IndexFunc(t.seen, match); i >= 0 {
		return t.seen[i].At
	}
	return time.Time{}
}
