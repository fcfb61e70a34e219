package platform

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

const applications = "argoproj.io/v1alpha1"

// Application is what Argo CD says of one.
type Application struct {
	Name, Sync, Health   string
	Phase, Message       string // of the last operation
	Retries              int
	Revision, Conditions string
	Finished             string // when the last operation ended
}

// Well is in sync and healthy.
func (a Application) Well() bool { return a.Sync == "Synced" && a.Health == "Healthy" }

func (a Application) String() string {
	text := fmt.Sprintf("%-22s %-9s %-11s %s", a.Name, a.Sync, a.Health, a.Phase)
	if a.Retries > 0 {
		text += fmt.Sprintf(" (try %d)", a.Retries+1)
	}
	if a.Phase != "Succeeded" && a.Message != "" {
		text += " " + short(a.Message)
	}
	if a.Conditions != "" {
		text += " | " + short(a.Conditions)
	}
	return text
}

func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		text = text[:300] + "…"
	}
	return text
}

// Applications lists all, by name.
func (h *Hub) Applications(ctx context.Context) ([]Application, error) {
	objects, err := h.List(ctx, applications, "Application")
	if err != nil {
		return nil, err
	}
	var all []Application
	for _, object := range objects {
		all = append(all, Told(object))
	}
	slices.SortFunc(all, func(a, b Application) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Told reads an Application.
func Told(object manifest.Object) Application {
	status := hub.Fields(object, "status")
	text := func(value any) string { s, _ := value.(string); return s }
	operation := hub.Fields(status, "operationState")
	a := Application{
		Name: manifest.Identify(object).Name, Sync: text(hub.Fields(status, "sync")["status"]), Health: text(hub.Fields(status, "health")["status"]),
		Phase: text(operation["phase"]), Message: text(operation["message"]), Finished: text(operation["finishedAt"]),
		Revision: text(hub.Fields(status, "sync")["revision"]),
	}
	if retries, ok := operation["retryCount"].(float64); ok {
		a.Retries = int(retries)
	}
	var conditions []string
	for _, each := range hub.Items(status["conditions"]) {
		fields, _ := each.(map[string]any)
		conditions = append(conditions, fmt.Sprintf("%v: %v", fields["type"], fields["message"]))
	}
	a.Conditions = strings.Join(conditions, "; ")
	return a
}

// Changes tells of every change of an Application until the context ends.
func (h *Hub) Changes(ctx context.Context, say func(line string)) {
	last := map[string]string{}
	for ctx.Err() == nil {
		all, err := h.Applications(ctx)
		if err == nil {
			seen := map[string]string{}
			for _, a := range all {
				seen[a.Name] = a.String()
				if last[a.Name] != seen[a.Name] {
					say(seen[a.Name])
				}
			}
			for name := range last {
				if _, there := seen[name]; !there {
					say(name + " is gone")
				}
			}
			last = seen
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

// Refresh does what a push's webhook would: Argo CD looks at its sources now.
func (h *Hub) Refresh(ctx context.Context) error {
	objects, err := h.List(ctx, applications, "Application")
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := h.refresh(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hub) refresh(ctx context.Context, application manifest.Object) error {
	err := h.Change(ctx, manifest.Identify(application), map[string]any{"metadata": map[string]any{"annotations": map[string]any{"argocd.argoproj.io/refresh": "normal"}}})
	if hub.Is(err, 404) {
		return nil
	}
	return err
}

// patience is how long an Application that waits for something may go without being looked at.
const patience = 15 * time.Second

// hurry has Argo CD look again at Applications that are not well and not being synced, long before their time comes.
func (h *Hub) hurry(ctx context.Context) {
	for ctx.Err() == nil {
		objects, _ := h.List(ctx, applications, "Application") // the kind may only just come
		for _, object := range objects {
			last, _ := hub.Fields(object, "status")["reconciledAt"].(string)
			seen, err := time.Parse(time.RFC3339, last)
			if a := Told(object); err == nil && !a.Well() && a.Phase != "Running" && time.Since(seen) > patience {
				_ = h.refresh(ctx, object) // or the next time
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(patience / 3):
		}
	}
}

// ApplyRoot applies what a hub starts from.
func (p *Platform) ApplyRoot(ctx context.Context, h *Hub) error {
	root, err := documents.Read(filepath.Join(p.Fleet.Work, "golden", "hub", "root.yaml"))
	if err != nil {
		return err
	}
	for _, document := range root {
		if err := h.Apply(ctx, document); err != nil {
			return err
		}
	}
	return nil
}

// Environments are those that a fleet's checkout has rendered, by name.
func Environments(fleet string) ([]string, error) {
	folders, err := filepath.Glob(filepath.Join(fleet, "golden", "*"))
	var names []string
	for _, folder := range folders {
		names = append(names, filepath.Base(folder))
	}
	return names, err
}
