package applicationset

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

type clustersGenerator struct {
	Selector selector          `json:"selector"`
	Values   map[string]string `json:"values"`
	FlatList bool              `json:"flatList"`
	Template json.RawMessage   `json:"template"`
}

// cluster is a cluster as Argo CD knows it. The hub itself may have no Secret, and then no labels.
type cluster struct {
	name, server, project string
	labels, annotations   map[string]string
	hasSecret             bool
}

// SecretType is the label by which Argo CD knows the Secrets of clusters.
const SecretType = "argocd.argoproj.io/secret-type"

const inCluster = "https://kubernetes.default.svc"

// clusters gives the clusters that a selector chooses, the hub at the end where there is no selector.
func (e *expansion) clusters(g clustersGenerator) ([]map[string]any, error) {
	if len(e.world.Clusters) == 0 {
		return nil, unknown("what it generates cannot be told from here: the clusters that Argo CD knows are not in this repository, no Secret is labelled %s: cluster", SecretType)
	}
	if err := g.Selector.valid(labelValue); err != nil {
		return nil, fmt.Errorf("clusters.selector: %w", err)
	}
	known, err := e.known()
	if err != nil {
		return nil, err
	}
	e.findings = append(e.findings, finding.Finding{
		Severity: finding.Note, Code: finding.SetUnknown, Object: e.object,
		Message: fmt.Sprintf("is expanded for the clusters whose Secrets are in this repository (%d); if Argo CD knows others, it makes more", len(e.world.Clusters)),
	})
	var all []map[string]any
	for _, cluster := range known {
		if !g.Selector.empty() && (!cluster.hasSecret || !g.Selector.matches(cluster.labels)) {
			continue
		}
		params := e.clusterParams(cluster)
		if err := e.values(g.Values, params); err != nil {
			return nil, err
		}
		all = append(all, params)
	}
	if g.FlatList {
		return []map[string]any{{"clusters": all}}, nil
	}
	return all, nil
}

func (e *expansion) clusterParams(c cluster) map[string]any {
	params := map[string]any{"name": c.name, "nameNormalized": c.name, "server": c.server, "project": c.project}
	if !c.hasSecret {
		return params
	}
	params["nameNormalized"] = normalized(c.name)
	if !e.spec.GoTemplate {
		for name, value := range c.labels {
			params["metadata.labels."+name] = value
		}
		for name, value := range c.annotations {
			params["metadata.annotations."+name] = value
		}
		return params
	}
	metadata := map[string]any{}
	if len(c.annotations) > 0 {
		metadata["annotations"] = c.annotations
	}
	if len(c.labels) > 0 {
		metadata["labels"] = c.labels
	}
	params["metadata"] = metadata
	return params
}

// known are the clusters of the world in the order in which an API server lists their Secrets. Of two Secrets with one
// name of a cluster the last one counts for both.
func (e *expansion) known() ([]cluster, error) {
	secrets := slices.Clone(e.world.Clusters)
	slices.SortStableFunc(secrets, func(a, b manifest.Object) int {
		x, y := manifest.Identify(a), manifest.Identify(b)
		return strings.Compare(x.Namespace+"/"+x.Name, y.Namespace+"/"+y.Name)
	})
	byName := map[string]cluster{}
	var names []string
	hub := cluster{name: "in-cluster", server: inCluster}
	for _, secret := range secrets {
		one, err := readCluster(secret)
		if err != nil {
			return nil, err
		}
		byName[one.name] = one
		names = append(names, one.name)
		if strings.TrimRight(one.server, "/") == inCluster {
			hub.name = ""
		}
	}
	var all []cluster
	for _, name := range names {
		all = append(all, byName[name])
	}
	switch same, taken := byName[hub.name]; {
	case hub.name == "":
	case taken:
		all = append(all, same)
	default:
		all = append(all, hub)
	}
	return all, nil
}

func readCluster(secret manifest.Object) (cluster, error) {
	data := map[string]string{}
	encoded, _ := manifest.MapAt(secret, "data")
	for name, value := range encoded {
		text, _ := value.(string)
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return cluster{}, unknown("the Secret %s of a cluster cannot be read: its %s is not in base64", manifest.Identify(secret).Name, name)
		}
		data[name] = string(decoded)
	}
	plain, _ := manifest.MapAt(secret, "stringData")
	for name, value := range plain {
		data[name], _ = value.(string)
	}
	return cluster{
		name: data["name"], server: data["server"], project: data["project"],
		labels: textsAt(secret, "labels"), annotations: textsAt(secret, "annotations"), hasSecret: true,
	}, nil
}

func textsAt(object manifest.Object, field string) map[string]string {
	found, _ := manifest.MapAt(object, "metadata", field)
	texts := map[string]string{}
	for name, value := range found {
		texts[name], _ = value.(string)
	}
	return texts
}
