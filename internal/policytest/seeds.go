package policytest

import (
	"fmt"

	"spokewright.dev/spokewright/functions/claims"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// namespace is where objects on a spoke are tried: that of no addon.
const namespace = "default"

// seed is an object of the kind as an environment might have it, whatever the rules say.
func (m maker) seed(kind string) (manifest.Object, error) {
	switch kind {
	case "Cluster", "Database", "Network", "NodePool", "Peering":
		return m.claim(kind)
	}
	resource, _ := m.e.Fleet.Resource(kind)
	apiVersion := resource.Version
	if resource.Group != "" {
		apiVersion = resource.Group + "/" + resource.Version
	}
	object := manifest.New(apiVersion, kind, namespace, "trial")
	if kind == "Namespace" {
		object = manifest.New(apiVersion, kind, "", "trial")
	}
	manifest.Label(object, map[string]string{"app.kubernetes.io/name": "trial"})
	example, known := examples()[kind]
	if !known {
		return nil, fmt.Errorf("no example of kind %s: rules for it cannot be tried", kind)
	}
	for name, value := range example {
		object[name] = value
	}
	return object, nil
}

// claim is the environment's own; a database, a pool or a peering that it does not have is made up, and so is what a hub does not make for itself
// and a network beside an adopted cluster.
func (m maker) claim(kind string) (manifest.Object, error) {
	e := m.e
	e.Role = "spoke"
	wanted, _ := e.Fleet.Claims.Of(kind)
	if kind == "Database" {
		if len(e.Databases) == 0 {
			e.Databases = map[string]schema.Database{"trial": {
				Engine: "postgres", Version: "17", Size: "small", StorageGB: 20, HighlyAvailable: true,
				Backups: schema.Backups{RetentionDays: 14}, Encrypted: true,
			}}
		}
	}
	if kind == "Network" && e.Cluster != nil && e.Cluster.Adopt != nil {
		made := *e.Cluster
		made.Adopt = nil
		e.Cluster = &made
	}
	if kind == "NodePool" && e.Cluster != nil && len(e.Cluster.Nodes.Pools) == 0 {
		made := *e.Cluster
		made.Nodes.Pools = map[string]schema.Pool{"trial": {ID: e.ID + "-trial", Size: "small", Max: 3, Labels: map[string]string{schema.PoolLabel: "trial"}}}
		e.Cluster = &made
	}
	if kind == "Peering" && e.Cluster != nil && e.HubNetwork == nil {
		made := *e.Cluster
		made.Network.JoinHub = true
		e.Cluster, e.HubNetwork = &made, &schema.HubNetwork{Network: "vpc-trial", Region: made.Region, CIDR: "10.255.0.0/16", RouteTable: "rtb-trial"}
	}
	for _, object := range claims.Make(e, schema.Hub, nil) {
		if id := manifest.Identify(object); id.Kind == wanted.Kind && id.APIVersion == wanted.APIVersion {
			return object, nil
		}
	}
	return nil, fmt.Errorf("environment %s has no cluster: rules for claims cannot be tried", e.Name)
}

// examples are what small objects of Kubernetes' kinds hold beside their identity.
func examples() map[string]map[string]any {
	text := func(kind string) map[string]any { return map[string]any{"data": map[string]any{"key": kind}} }
	template := func() map[string]any {
		return map[string]any{"metadata": map[string]any{"labels": labels()}, "spec": pod()}
	}
	workload := func(more map[string]any) map[string]any {
		spec := map[string]any{"selector": map[string]any{"matchLabels": labels()}, "template": template()}
		for name, value := range more {
			spec[name] = value
		}
		return map[string]any{"spec": spec}
	}
	job := map[string]any{"template": template()}
	job["template"].(map[string]any)["spec"].(map[string]any)["restartPolicy"] = "Never"
	two := map[string]any{"replicas": int64(2)}
	return map[string]map[string]any{
		"ConfigMap":   text("value"),
		"Secret":      text("dmFsdWU="),
		"CronJob":     {"spec": map[string]any{"schedule": "0 4 * * *", "jobTemplate": map[string]any{"spec": job}}},
		"DaemonSet":   workload(nil),
		"Deployment":  workload(two),
		"Job":         {"spec": job},
		"Namespace":   {},
		"Pod":         {"spec": pod()},
		"StatefulSet": workload(map[string]any{"replicas": int64(2), "serviceName": "trial"}),
		"HorizontalPodAutoscaler": {"spec": map[string]any{
			"minReplicas": int64(2), "maxReplicas": int64(4),
			"scaleTargetRef": map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": "trial"},
		}},
		"Ingress":             {"spec": map[string]any{"rules": []any{map[string]any{"host": "shop.example.com", "http": map[string]any{"paths": []any{path()}}}}}},
		"NetworkPolicy":       {"spec": map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Ingress"}}},
		"PodDisruptionBudget": {"spec": map[string]any{"minAvailable": int64(1), "selector": map[string]any{"matchLabels": labels()}}},
		"Service": {"spec": map[string]any{
			"type": "ClusterIP", "selector": labels(), "ports": []any{map[string]any{"name": "http", "port": int64(80), "targetPort": int64(8080)}},
		}},
		"ServiceAccount": {"automountServiceAccountToken": false},
		"PersistentVolumeClaim": {"spec": map[string]any{
			"accessModes": []any{"ReadWriteOnce"}, "resources": map[string]any{"requests": map[string]any{"storage": "10Gi"}},
		}},
	}
}

func labels() map[string]any { return map[string]any{"app.kubernetes.io/name": "trial"} }

func path() map[string]any {
	service := map[string]any{"name": "trial", "port": map[string]any{"number": int64(80)}}
	return map[string]any{"path": "/", "pathType": "Prefix", "backend": map[string]any{"service": service}}
}

// pod is the spec of a Pod that keeps the strictest of the Pod Security Standards.
func pod() map[string]any {
	amounts := func() map[string]any { return map[string]any{"cpu": "100m", "memory": "128Mi"} }
	return map[string]any{
		"securityContext": map[string]any{"runAsNonRoot": true, "seccompProfile": map[string]any{"type": "RuntimeDefault"}},
		"containers": []any{map[string]any{
			"name": "app", "image": "registry.example.com/shop/app:1.0.0",
			"resources": map[string]any{"requests": amounts(), "limits": amounts()},
			"securityContext": map[string]any{
				"allowPrivilegeEscalation": false, "runAsNonRoot": true, "readOnlyRootFilesystem": true, "privileged": false,
				"capabilities": map[string]any{"drop": []any{"ALL"}}, "seccompProfile": map[string]any{"type": "RuntimeDefault"},
			},
		}},
	}
}
