package bootstrap

import (
	"fmt"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// LocalFiles are what a program of Locals reads, each its own: another run may have asked for another one.
func LocalFiles() []string {
	var files []string
	for _, with := range Locals() {
		files = append(files, with+".yaml")
	}
	return files
}

// Locals are the programs that make a cluster of containers, each with its settings: the types of v1alpha4 of sigs.k8s.io/kind 0.30.0
// and of v1alpha5 of github.com/k3d-io/k3d 5.8.3.
func Locals() []string { return []string{"k3d", "kind"} }

// Local gives the files that make a hub in containers: the same Argo CD and the same start as in a cloud.
func Local(hub Hub, with string) (map[string][]byte, error) {
	if hub.Role != "hub" {
		return nil, unfit(hub.Environment)
	}
	chart, err := argoCD(hub)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"argocd.yaml": chart.values}
	local(files, "start", "what starts a hub that has Argo CD", hub.Start)
	var script strings.Builder
	fmt.Fprintf(&script, "#!/bin/sh\n# Makes hub %s in containers, for a first look. It needs %s, helm and an engine for containers.\nset -eu\ncd \"$(dirname \"$0\")\"\n", hub.Name, with)
	switch with {
	case "kind":
		files["kind.yaml"] = manifest.Append(nil, map[string]any{"apiVersion": "kind.x-k8s.io/v1alpha4", "kind": "Cluster", "name": hub.Name, "nodes": []any{map[string]any{"role": "control-plane"}, map[string]any{"role": "worker"}}})
		script.WriteString("kind create cluster --config kind.yaml --wait 5m\n")
	case "k3d":
		files["k3d.yaml"] = manifest.Append(nil, map[string]any{"apiVersion": "k3d.io/v1alpha5", "kind": "Simple", "metadata": map[string]any{"name": hub.Name}, "servers": 1, "agents": 1})
		script.WriteString("k3d cluster create --config k3d.yaml --wait\n")
	default:
		return nil, finding.Findings{{Code: finding.CommandLine, Message: fmt.Sprintf("--local: found %q, allowed is %s: it makes the cluster", with, finding.OneOf(finding.Quoted(Locals()))), Suggestion: finding.Suggest(with, Locals())}}
	}
	if before := before(hub.Plane); len(before) > 0 {
		local(files, "before", "what the Pods of Argo CD wait for", manifest.Stream(before))
		script.WriteString("helm upgrade --install before ./before --namespace argocd --create-namespace\n")
	}
	fmt.Fprintf(&script, "helm upgrade --install %s %s --namespace argocd --create-namespace --values argocd.yaml --wait --timeout 15m\n", shellWord(chart.inputs["release"]), chart.source())
	script.WriteString("helm upgrade --install root ./start --namespace argocd\n")
	files["make.sh"] = []byte(script.String())
	return files, nil
}

// source is the chart as Helm's command line has it: of a registry it is one address.
func (c chart) source() string {
	repository, name, version := fmt.Sprint(c.inputs["repository"]), fmt.Sprint(c.inputs["chart"]), shellWord(c.inputs["version"])
	if strings.HasPrefix(repository, "oci://") {
		return shellWord(repository+"/"+name) + " --version " + version
	}
	return shellWord(name) + " --repo " + shellWord(repository) + " --version " + version
}

// shellWord is a text as one word of a shell's command line.
func shellWord(text any) string {
	return "'" + strings.ReplaceAll(fmt.Sprint(text), "'", `'\''`) + "'"
}
