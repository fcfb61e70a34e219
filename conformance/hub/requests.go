package hub

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
)

// Preview gives what the server would make of the object: defaulted and read as it reads it. Nothing changes.
func (c Client) Preview(ctx context.Context, document documents.Document) (manifest.Object, error) {
	answer, err := c.apply(ctx, document, url.Values{"dryRun": {"All"}})
	if err != nil {
		return nil, err
	}
	var object manifest.Object
	err = json.Unmarshal(answer.body, &object)
	return object, err
}

// Count is how many objects of a cluster-scoped kind there are.
func (c Client) Count(ctx context.Context, apiVersion, kind string) (int, error) {
	found, err := c.resource(ctx, apiVersion, kind)
	if err != nil {
		return 0, err
	}
	answer, err := c.ask(ctx, http.MethodGet, root(apiVersion)+"/"+found.Name, nil, "", nil)
	if err != nil {
		return 0, err
	}
	var list struct{ Items []json.RawMessage }
	err = json.Unmarshal(answer.body, &list)
	return len(list.Items), err
}
