package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"spokewright.dev/spokewright/manifest"
)

// Delete removes an object.
func (c Client) Delete(ctx context.Context, id manifest.ID) error {
	path, err := c.path(ctx, id)
	if err != nil {
		return err
	}
	if _, err := c.ask(ctx, http.MethodDelete, path, nil, "", nil); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
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
