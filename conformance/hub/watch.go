package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"spokewright.dev/spokewright/internal/manifest"
)

// Event is what the server tells of an object: "ADDED", "MODIFIED" or "DELETED".
type Event struct {
	Type   string
	Object manifest.Object
}

// List gives all objects of a kind, of all namespaces.
func (c Client) List(ctx context.Context, apiVersion, kind string) ([]manifest.Object, error) {
	objects, _, _, err := c.list(ctx, apiVersion, kind)
	return objects, err
}

func (c Client) list(ctx context.Context, apiVersion, kind string) (objects []manifest.Object, path, version string, err error) {
	found, err := c.resource(ctx, apiVersion, kind)
	if err != nil {
		return nil, "", "", err
	}
	path = root(apiVersion) + "/" + found.Name
	answer, err := c.ask(ctx, http.MethodGet, path, nil, "", nil)
	if err != nil {
		return nil, "", "", err
	}
	var list struct {
		Metadata struct{ ResourceVersion string }
		Items    []manifest.Object
	}
	if err := json.Unmarshal(answer.body, &list); err != nil {
		return nil, "", "", err
	}
	for _, object := range list.Items { // a list leaves out what its items have in common
		object["apiVersion"], object["kind"] = apiVersion, kind
	}
	return list.Items, path, list.Metadata.ResourceVersion, nil
}

// pause is how long a watch waits before it asks again for a kind that is not there, or after it broke.
const pause = 2 * time.Second

// Watch tells of all objects of a kind and of each of their changes until the context ends, also of a kind that only comes
// later, and once more of all whenever the server broke off.
func (c Client) Watch(ctx context.Context, apiVersion, kind string, see func(Event)) {
	for ctx.Err() == nil {
		objects, path, version, err := c.list(ctx, apiVersion, kind)
		if err == nil {
			for _, object := range objects {
				see(Event{"ADDED", object})
			}
			err = c.follow(ctx, path, version, see)
		}
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
}

// follow reads one watch to its end.
func (c Client) follow(ctx context.Context, path, version string, see func(Event)) error {
	query := url.Values{"watch": {"1"}, "resourceVersion": {version}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("watching %s: %s", path, response.Status)
	}
	decoder := json.NewDecoder(response.Body)
	for {
		var event Event
		if err := decoder.Decode(&event); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if event.Type == "ERROR" { // such as a version that is too old
			return fmt.Errorf("watching %s: %v", path, event.Object["message"])
		}
		see(event)
	}
}

// Change changes fields of an object by a JSON merge patch.
func (c Client) Change(ctx context.Context, id manifest.ID, fields map[string]any) error {
	path, err := c.path(ctx, id)
	if err != nil {
		return err
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	if _, err = c.ask(ctx, http.MethodPatch, path, url.Values{"fieldManager": {"stand-in"}}, "application/merge-patch+json", body); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

// Create makes an object that is not there yet.
func (c Client) Create(ctx context.Context, object manifest.Object) error {
	id := manifest.Identify(object)
	path, err := c.path(ctx, id)
	if err != nil {
		return err
	}
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	if _, err := c.ask(ctx, http.MethodPost, path[:strings.LastIndex(path, "/")], nil, "application/json", body); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

// Is tells whether the error is the server's answer with that HTTP status.
func Is(err error, code int) bool {
	var refusal *Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}

// Fields gives the fields at a path of an object; nothing where there is no such path.
func Fields(object map[string]any, path ...string) map[string]any {
	for _, each := range path {
		object, _ = object[each].(map[string]any)
	}
	return object
}

// Items gives the items of a value that is a list; nothing where it is none.
func Items(value any) []any {
	items, _ := value.([]any)
	return items
}
