package hub

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// Kind is a kind that the server has, in the newest version that it has of it.
type Kind struct{ APIVersion, Kind string }

// Kinds lists the kinds of all groups that match. Not every kind of a group has the version that the server prefers for it.
func (c Client) Kinds(ctx context.Context, match func(group string) bool) ([]Kind, error) {
	answer, err := c.ask(ctx, http.MethodGet, "/apis", nil, "", nil)
	if err != nil {
		return nil, err
	}
	var list struct {
		Groups []struct {
			Name     string
			Versions []struct{ GroupVersion string } // the newest first
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
		seen := map[string]bool{}
		for _, version := range group.Versions {
			found, err := c.kindsOf(ctx, version.GroupVersion)
			if err != nil {
				return nil, err
			}
			for _, kind := range found {
				if !seen[kind] {
					kinds = append(kinds, Kind{version.GroupVersion, kind})
				}
				seen[kind] = true
			}
		}
	}
	return kinds, nil
}

// kindsOf are the kinds of one version of a group; none where its definitions only just go.
func (c Client) kindsOf(ctx context.Context, version string) ([]string, error) {
	answer, err := c.ask(ctx, http.MethodGet, "/apis/"+version, nil, "", nil)
	if err != nil {
		return nil, nil
	}
	var resources struct{ Resources []resource }
	if err := json.Unmarshal(answer.body, &resources); err != nil {
		return nil, err
	}
	var kinds []string
	for _, found := range resources.Resources {
		if !strings.Contains(found.Name, "/") {
			kinds = append(kinds, found.Kind)
		}
	}
	return kinds, nil
}
