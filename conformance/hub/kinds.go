package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"spokewright.dev/spokewright/internal/manifest"
)

// resource is what the server calls a kind in its paths, and whether its objects live in namespaces.
type resource struct {
	Name       string
	Kind       string
	Namespaced bool
}

// kinds remembers what the server said of its kinds.
type kinds struct {
	sync.Mutex
	known map[string]resource // by apiVersion and kind
}

// path gives the server's path of an object. Unlike kubectl it never guesses: an object of a namespaced kind must name its
// namespace, one of a cluster-scoped kind must not.
func (c Client) path(ctx context.Context, id manifest.ID) (string, error) {
	found, err := c.resource(ctx, id.APIVersion, id.Kind)
	switch {
	case err != nil:
		return "", err
	case id.Name == "":
		return "", fmt.Errorf("%s without a name", id.Kind)
	case found.Namespaced && id.Namespace == "":
		return "", fmt.Errorf("%s is a namespaced kind: metadata.namespace is missing", id)
	case !found.Namespaced && id.Namespace != "":
		return "", fmt.Errorf("%s is of a cluster-scoped kind: metadata.namespace must not be there", id)
	case found.Namespaced:
		return fmt.Sprintf("%s/namespaces/%s/%s/%s", root(id.APIVersion), url.PathEscape(id.Namespace), found.Name, url.PathEscape(id.Name)), nil
	default:
		return fmt.Sprintf("%s/%s/%s", root(id.APIVersion), found.Name, url.PathEscape(id.Name)), nil
	}
}

// resource looks a kind up, asking the server where it is not known yet: definitions come later than the server.
func (c Client) resource(ctx context.Context, apiVersion, kind string) (resource, error) {
	c.kinds.Lock()
	defer c.kinds.Unlock()
	if found, known := c.kinds.known[apiVersion+" "+kind]; known {
		return found, nil
	}
	answer, err := c.ask(ctx, http.MethodGet, root(apiVersion), nil, "", nil)
	if err != nil {
		return resource{}, fmt.Errorf("no kind %s in %s: %w", kind, apiVersion, err)
	}
	var list struct{ Resources []resource }
	if err := json.Unmarshal(answer.body, &list); err != nil {
		return resource{}, err
	}
	if c.kinds.known == nil {
		c.kinds.known = map[string]resource{}
	}
	for _, found := range list.Resources {
		if !strings.Contains(found.Name, "/") { // a subresource, such as deployments/scale
			c.kinds.known[apiVersion+" "+found.Kind] = found
		}
	}
	if found, known := c.kinds.known[apiVersion+" "+kind]; known {
		return found, nil
	}
	return resource{}, fmt.Errorf("no kind %s in %s", kind, apiVersion)
}

// root is the server's path of a group and version.
func root(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}
