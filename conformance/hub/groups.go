package hub

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// Kind is a kind that the server has, in the version that it prefers.
type Kind struct{ APIVersion, Kind string }

// Kinds lists the kinds of all groups that match.
func (c Client) Kinds(ctx context.Context, match func(group string) bool) ([]Kind, error) {
	answer, err := c.ask(ctx, http.MethodGet, "/apis", nil, "", nil)
	if err != nil {
		return nil, err
	}
	var list struct {
		Groups []struct {
			Name             string
			PreferredVersion struct{ GroupVersion string }
		}
	}
	if err := json.Unmarshal(answer.body, &list); err != nil {
		return nil, err
	}
	var kinds []Kind
	for _, group := range list.Groups {
		if !match(group.Name) {
			continue
		}
		version := group.PreferredVersion.GroupVersion
		answer, err := c.ask(ctx, http.MethodGet, "/apis/"+version, nil, "", nil)
		if err != nil {
			continue // its definition may only just go
		}
		var resources struct{ Resources []resource }
		if err := json.Unmarshal(answer.body, &resources); err != nil {
			return nil, err
		}
		for _, found := range resources.Resources {
			if !strings.Contains(found.Name, "/") {
				kinds = append(kinds, Kind{version, found.Kind})
			}
		}
	}
	return kinds, nil
}
