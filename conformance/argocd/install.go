// Package argocd runs the real Argo CD beside a hub in a box: application controller, ApplicationSet controller,
// repo-server and Redis. It is not for its page and its API, whose files no module carries.
package argocd

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// Namespace is where Argo CD and its objects live.
const Namespace = "argocd"

// Values are what stands under `configs` in the values of Argo CD's chart.
type Values struct{ Settings, Parameters map[string]any }

// ValuesIn reads the values that a hub's own plane gives to the chart.
func ValuesIn(golden []documents.Document) Values {
	for _, document := range golden {
		if id := document.ID(); id.Kind == "Application" && id.Name == "argocd" {
			configs := hub.Fields(document.Object, "spec", "source", "helm", "valuesObject", "configs")
			return Values{hub.Fields(configs, "cm"), hub.Fields(configs, "params")}
		}
	}
	return Values{}
}

// Environment is how the chart hands the parameters to the processes. One that nobody knows here is an error, lest a
// setting of the fleet's be without effect.
func (v Values) Environment() ([]string, error) {
	known := map[string]string{
		"applicationsetcontroller.enable.progressive.syncs": "ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS",
		"controller.sync.timeout.seconds":                   "ARGOCD_APPLICATION_CONTROLLER_SYNC_TIMEOUT",
	}
	var lines []string
	for key, value := range v.Parameters {
		name, ok := known[key]
		if !ok {
			return nil, fmt.Errorf("argocd-cmd-params-cm: nobody knows here what %s is called in the processes' environment", key)
		}
		lines = append(lines, fmt.Sprintf("%s=%v", name, value))
	}
	return lines, nil
}

// Install makes what somebody has who installed Argo CD with these values and nothing else: its definitions and its own
// settings.
func Install(ctx context.Context, server *hub.Hub, values Values) error {
	for _, project := range crds.Projects() {
		if project.Name != "Argo CD" {
			continue
		}
		definitions, err := crds.Read(ctx, project)
		if err != nil {
			return err
		}
		for i := range definitions {
			if definitions[i], err = crds.Slim(definitions[i]); err != nil {
				return err
			}
		}
		if err := server.Define(ctx, definitions); err != nil {
			return err
		}
	}
	for _, object := range initial(values) {
		document, err := documents.Of("what Argo CD's installation makes", object)
		if err != nil {
			return err
		}
		if err := server.Apply(ctx, document); err != nil {
			return err
		}
	}
	return nil
}

func initial(values Values) []manifest.Object {
	named := func(kind, name string) manifest.Object {
		object := manifest.New("v1", kind, Namespace, name)
		manifest.Label(object, map[string]string{"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/name": name})
		return object
	}
	secret := named("Secret", "argocd-secret")
	secret["stringData"] = map[string]any{"server.secretkey": "not-a-secret-of-anybody"}
	project := manifest.New("argoproj.io/v1alpha1", "AppProject", Namespace, "default")
	project["spec"] = map[string]any{
		"sourceRepos":              []any{"*"},
		"destinations":             []any{map[string]any{"server": "*", "namespace": "*"}},
		"clusterResourceWhitelist": []any{map[string]any{"group": "*", "kind": "*"}},
	}
	settings, parameters := named("ConfigMap", "argocd-cm"), named("ConfigMap", "argocd-cmd-params-cm")
	settings["data"], parameters["data"] = texts(values.Settings), texts(values.Parameters)
	return []manifest.Object{
		manifest.New("v1", "Namespace", "", Namespace), settings, named("ConfigMap", "argocd-rbac-cm"), parameters, secret, project,
	}
}

// texts are values as a ConfigMap has them.
func texts(values map[string]any) map[string]any {
	data := map[string]any{}
	for key, value := range values {
		data[key] = fmt.Sprint(value)
	}
	return data
}

// Chart is the stand-in for its Helm chart, of which it has what a hub needs to take its settings from Git: the two
// ConfigMaps. Real is the chart's own behaviour: what stands in `configs` is added to its defaults.
func Chart() map[string][]byte {
	return map[string][]byte{
		"values.yaml": []byte("configs: {cm: {}, params: {}}\n"),
		filepath.Join("templates", "settings.yaml"): []byte(strings.TrimLeft(settings, "\n")),
	}
}

const settings = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  namespace: {{ .Release.Namespace }}
  labels: {app.kubernetes.io/part-of: argocd, app.kubernetes.io/name: argocd-cm}
data:
  admin.enabled: "true"
  application.instanceLabelKey: argocd.argoproj.io/instance
{{- range $key, $value := .Values.configs.cm }}
  {{ $key }}: {{ $value | toString | quote }}
{{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cmd-params-cm
  namespace: {{ .Release.Namespace }}
  labels: {app.kubernetes.io/part-of: argocd, app.kubernetes.io/name: argocd-cmd-params-cm}
data:
  controller.operation.processors: "10"
{{- range $key, $value := .Values.configs.params }}
  {{ $key }}: {{ $value | toString | quote }}
{{- end }}
`
