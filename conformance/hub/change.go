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

// Delete deletes an object, as far as its finalizers let it.
func (c Client) Delete(ctx context.Context, id manifest.ID) error { return c.delete(ctx, id, nil) }

// MayDelete asks the server whether it would delete the object, webhooks and all. Nothing changes.
func (c Client) MayDelete(ctx context.Context, id manifest.ID) error {
	return c.delete(ctx, id, url.Values{"dryRun": {"All"}})
}

func (c Client) delete(ctx context.Context, id manifest.ID, query url.Values) error {
	path, err := c.path(ctx, id)
	if err != nil {
		return err
	}
	if _, err = c.ask(ctx, http.MethodDelete, path, query, "", nil); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

// MayChange asks the server what it would make of the object through a subresource, such as "ephemeralcontainers", which
// `kubectl debug` uses: all webhooks are asked. Nothing changes. The document is what the subresource reads of the object.
func (c Client) MayChange(ctx context.Context, id manifest.ID, document documents.Document, subresource string) (manifest.Object, error) {
	path, err := c.path(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", document.Source, err)
	}
	query := url.Values{"dryRun": {"All"}, "fieldValidation": {"Strict"}}
	answer, err := c.ask(ctx, http.MethodPut, path+"/"+subresource, query, "application/yaml", document.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %s/%s: %w", document.Source, id, subresource, err)
	}
	var seen manifest.Object
	return seen, json.Unmarshal(answer.body, &seen)
}

// Tell merges fields into the status of an object, as its controller would.
func (c Client) Tell(ctx context.Context, id manifest.ID, status map[string]any) error {
	return c.Merge(ctx, id, "status", map[string]any{"status": status})
}

// Merge changes fields of a subresource of an object, such as "ephemeralcontainers" of a Pod, by a JSON merge patch.
func (c Client) Merge(ctx context.Context, id manifest.ID, subresource string, fields map[string]any) error {
	path, err := c.path(ctx, id)
	if err != nil {
		return err
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	if _, err = c.ask(ctx, http.MethodPatch, path+"/"+subresource, nil, "application/merge-patch+json", body); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

// Await reads an object until it is as it should be. seen is what it was last, for messages.
func (c Client) Await(ctx context.Context, id manifest.ID, as func(manifest.Object) bool) (seen manifest.Object, err error) {
	for {
		if object, err := c.Get(ctx, id); err == nil { // else it may only just come, and its kind too
			seen = object
			if as(object) {
				return seen, nil
			}
		}
		select {
		case <-ctx.Done():
			return seen, fmt.Errorf("%s is not as it should be: %w", id, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Holds tells whether a condition of the object's status is true.
func Holds(object manifest.Object, condition string) bool { return holds(object, condition) }
