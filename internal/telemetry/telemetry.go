// Package telemetry holds the values by which the charts of Alloy and Prometheus send away what they collect, and by which Grafana gets its
// password. Who takes it and who may send it are fields of the fleet, and not its concern.
package telemetry

import "strings"

// Secret is the one with the name and the password, in the namespace of what sends.
const Secret = "telemetry"

// Metrics are the values by which Prometheus hands its metrics on to an address (kube-prometheus-stack), as those of a cluster.
func Metrics(address, cluster string) map[string]any {
	from := func(key string) map[string]any { return map[string]any{"name": Secret, "key": key} }
	return map[string]any{"prometheus": map[string]any{"prometheusSpec": map[string]any{
		"externalLabels": map[string]any{"cluster": cluster},
		"remoteWrite":    []any{map[string]any{"url": address, "basicAuth": map[string]any{"username": from("username"), "password": from("password")}}},
	}}}
}

// Logs are the values by which Alloy sends the logs of all pods of its node to an address, as those of a cluster. They are read through the API server, so that
// nothing of the node's is mounted.
func Logs(address, cluster string) map[string]any {
	return map[string]any{"alloy": map[string]any{
		"envFrom":   []any{map[string]any{"secretRef": map[string]any{"name": Secret}}},
		"configMap": map[string]any{"content": strings.NewReplacer("ADDRESS", address, "CLUSTER", cluster).Replace(collection)},
	}}
}

// Administrator is the Secret with the password of Grafana's administrator, in the namespace of the chart that brings it.
const Administrator = "grafana-admin"

// Dashboards are what is said of an addon by whose chart (kube-prometheus-stack) Grafana comes: it takes its administrator's name and
// password from a Secret, which External Secrets makes once. The chart itself makes another password each time that it is rendered
// (github.com/grafana/helm-charts/issues/3399, read on 2026-12-01), which Argo CD does all the time: it would never come to rest.
func Dashboards(namespace, administrator string) map[string]any {
	metadata := map[string]any{"name": Administrator, "namespace": namespace}
	const generators = "generators.external-secrets.io/v1alpha1"
	return map[string]any{
		"values": map[string]any{"grafana": map[string]any{"admin": map[string]any{"existingSecret": Administrator, "userKey": "username", "passwordKey": "password"}}},
		"objects": map[string]any{
			"grafana-generator": map[string]any{
				"apiVersion": generators, "kind": "Password", "metadata": metadata,
				"spec": map[string]any{"length": int64(32), "digits": int64(8), "symbols": int64(0), "noUpper": false, "allowRepeat": true},
			},
			"grafana-password": map[string]any{
				"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": metadata,
				"spec": map[string]any{
					"refreshPolicy": "CreatedOnce", "refreshInterval": "0",
					"target": map[string]any{
						"name": Administrator, "creationPolicy": "Owner", "deletionPolicy": "Retain",
						"template": map[string]any{"engineVersion": "v2", "data": map[string]any{"username": administrator, "password": "{{ .password }}"}},
					},
					"dataFrom": []any{map[string]any{"sourceRef": map[string]any{
						"generatorRef": map[string]any{"apiVersion": generators, "kind": "Password", "name": Administrator},
					}}},
				},
			},
		},
	}
}

const collection = `discovery.kubernetes "pods" {
  role = "pod"
  selectors {
    role  = "pod"
    field = "spec.nodeName=" + sys.env("HOSTNAME")
  }
}
discovery.relabel "pods" {
  targets = discovery.kubernetes.pods.targets
  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_container_name"]
    target_label  = "container"
  }
}
loki.source.kubernetes "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [loki.write.telemetry.receiver]
}
loki.write "telemetry" {
  endpoint {
    url = "ADDRESS"
    basic_auth {
      username = sys.env("username")
      password = sys.env("password")
    }
  }
  external_labels = {cluster = "CLUSTER"}
}
`
