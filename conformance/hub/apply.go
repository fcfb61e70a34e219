package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
)

// Apply makes the object be there, by server-side apply.
func (c Client) Apply(ctx context.Context, document documents.Document) error {
	_, err := c.apply(ctx, document, url.Values{})
	return err
}

// Judge asks the server whether it would accept the object: schema, CEL rules, unknown fields and all. Nothing changes. The
// server gets the document's text as it stands and reads it itself. It may warn where it accepts, of deprecated kinds say.
func (c Client) Judge(ctx context.Context, document documents.Document) (warnings []string, err error) {
	answer, err := c.apply(ctx, document, url.Values{"dryRun": {"All"}})
	return answer.warnings, err
}

func (c Client) apply(ctx context.Context, document documents.Document, query url.Values) (answer, error) {
	path, err := c.path(ctx, document.ID())
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", document.Source, err)
	}
	query.Set("fieldManager", "conformance")
	query.Set("fieldValidation", "Strict")
	query.Set("force", "true")
	result, err := c.ask(ctx, http.MethodPatch, path, query, "application/apply-patch+yaml", document.Text)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %s: %w", document.Source, document.ID(), err)
	}
	return result, nil
}

// ApplyAs makes the object be there as a controller does that applies under a name of its own, and gives what the server made
// of it. As everywhere but for tests, fields that a kind does not have are left out with a warning.
func (c Client) ApplyAs(ctx context.Context, manager string, object manifest.Object) (manifest.Object, error) {
	id := manifest.Identify(object)
	path, err := c.path(ctx, id)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	answer, err := c.ask(ctx, http.MethodPatch, path, url.Values{"fieldManager": {manager}, "force": {"true"}}, "application/apply-patch+yaml", body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	var made manifest.Object
	return made, json.Unmarshal(answer.body, &made)
}

// Get reads an object.
func (c Client) Get(ctx context.Context, id manifest.ID) (manifest.Object, error) {
	path, err := c.path(ctx, id)
	if err != nil {
		return nil, err
	}
	answer, err := c.ask(ctx, http.MethodGet, path, nil, "", nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	var object manifest.Object
	return object, json.Unmarshal(answer.body, &object)
}

// Define applies custom resource definitions and waits until the server serves all their kinds.
func (c Client) Define(ctx context.Context, definitions []documents.Document) error {
	for _, definition := range definitions {
		if err := c.Apply(ctx, definition); err != nil {
			return err
		}
	}
	for _, definition := range definitions {
		if err := c.established(ctx, definition.ID()); err != nil {
			return err
		}
		if err := c.served(ctx, definition.Object); err != nil {
			return err
		}
	}
	return nil
}

// served waits until the server lists the kind that a definition defines, which it may do a moment after it says so.
func (c Client) served(ctx context.Context, definition manifest.Object) error {
	spec := Fields(definition, "spec")
	kind, _ := Fields(spec, "names")["kind"].(string)
	for _, each := range Items(spec["versions"]) {
		version, _ := each.(map[string]any)
		if version["served"] != true {
			continue
		}
		for {
			_, err := c.resource(ctx, fmt.Sprint(spec["group"], "/", version["name"]), kind)
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s is not served: %w", kind, err)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

// established waits for the condition of that name. A definition that was only just made has no conditions at all.
func (c Client) established(ctx context.Context, id manifest.ID) error {
	for {
		object, err := c.Get(ctx, id)
		if err != nil {
			return err
		}
		if holds(object, "Established") {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not established: %w", id, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// holds tells whether a condition of the object's status is true.
func holds(object manifest.Object, condition string) bool {
	status, _ := object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	for _, each := range conditions {
		fields, _ := each.(map[string]any)
		if fields["type"] == condition && fields["status"] == "True" {
			return true
		}
	}
	return false
}
