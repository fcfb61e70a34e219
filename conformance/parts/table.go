package parts

import (
	"fmt"
	"slices"
	"strings"
)

// Part is one real program and the recipe that builds it from its published Go module.
type Part struct {
	Name    string   // what its file is called
	Module  string   // the module's path, as the proxy serves it
	Version string   // the module's exact version
	Package string   // the import path of its main package
	Local   string   // what becomes of a replace that points into the upstream repository: nothing allowed, Drop, or the version to take instead
	Set     []string // package variables to set at link time, each as PATH.NAME=VALUE
	Replace []string // more replaces than the upstream go.mod has, each as OLD=NEW@VERSION
	Links   []string // more names it is started under, where the name chooses the role
}

// Drop as a Part's Local drops such replaces: the module then comes by the version that is required of it.
const Drop = "drop"

const kubernetesVersion, stagingVersion = "v1.36.3", "v0.36.3"

// Table lists every program known to build with this project's Go from the module proxy alone.
func Table() []Part {
	const (
		crossplane = "github.com/crossplane/crossplane/v2"
		functions  = "github.com/crossplane-contrib/"
		kyverno    = "github.com/kyverno/kyverno"
		cosign     = "github.com/sigstore/cosign/v3"
		kustomize  = "sigs.k8s.io/kustomize/kustomize/v5"
		etcd       = "go.etcd.io/etcd/server/v3"
		argocd     = "github.com/argoproj/argo-cd/v3"
		updater    = "github.com/argoproj-labs/argocd-image-updater"
		tofu       = "github.com/opentofu/opentofu"
		terragrunt = "github.com/gruntwork-io/terragrunt"
	)
	return []Part{
		{Name: "etcd", Module: etcd, Version: "v3.7.3", Package: etcd, Local: Drop},
		kubernetes("kube-apiserver"),
		kubernetes("kube-controller-manager"),
		kubernetes("kubectl"),
		{Name: "argocd", Module: argocd, Version: "v3.2.6", Package: argocd + "/cmd", Links: []string{
			"argocd-cmp-server", "argocd-repo-server", "argocd-applicationset-controller", "argocd-application-controller",
		}},
		{Name: "argocd-image-updater", Module: updater, Version: "v0.11.0", Package: updater + "/cmd"},                                     // the newest that builds
		{Name: "jsonnet", Module: "github.com/google/go-jsonnet", Version: "v0.21.0", Package: "github.com/google/go-jsonnet/cmd/jsonnet"}, // a peer that the bench runs
		{Name: "helm", Module: "helm.sh/helm/v3", Version: "v3.18.4", Package: "helm.sh/helm/v3/cmd/helm"},                                 // what Argo CD 3.2's own image holds
		{Name: "kyverno", Module: kyverno, Version: "v1.19.1", Package: kyverno + "/cmd/cli/kubectl-kyverno"},
		{Name: "kyverno-admission", Module: kyverno, Version: "v1.19.1", Package: kyverno + "/cmd/kyverno"},
		{Name: "crossplane", Module: crossplane, Version: "v2.2.0", Package: crossplane + "/cmd/crossplane"},
		{Name: "crank", Module: crossplane, Version: "v2.2.0", Package: crossplane + "/cmd/crank"},
		{
			Name: "function-patch-and-transform", Module: functions + "function-patch-and-transform", Version: "v0.5.0",
			Package: functions + "function-patch-and-transform",
		},
		{ // it moved, and still declares its old path
			Name: "function-auto-ready", Module: functions + "function-auto-ready", Version: "v0.5.0",
			Package: "github.com/crossplane/function-auto-ready",
		},
		{Name: "cosign", Module: cosign, Version: "v3.1.2", Package: cosign + "/cmd/cosign"}, // the version that Kyverno's own go.mod takes
		{Name: "cue", Module: "cuelang.org/go", Version: "v0.17.1", Package: "cuelang.org/go/cmd/cue"},
		{Name: "tofu", Module: tofu, Version: "v1.12.6", Package: tofu + "/cmd/tofu", Set: []string{tofu + "/version.dev=no"}},
		{Name: "terragrunt", Module: terragrunt, Version: "v0.54.0", Package: terragrunt}, // the newest that the proxy serves
		{Name: "kustomize", Module: kustomize, Version: "v5.8.2", Package: kustomize},
	}
}

// kubernetes is the recipe of Kubernetes' own programs. Its staging modules are published on their own, and a server
// that was not told its version calls itself v0.0.0-master.
func kubernetes(name string) Part {
	const version = "k8s.io/component-base/version."
	major, minor, _ := strings.Cut(strings.TrimPrefix(kubernetesVersion, "v"), ".")
	minor, _, _ = strings.Cut(minor, ".")
	return Part{
		Name: name, Module: "k8s.io/kubernetes", Version: kubernetesVersion, Package: "k8s.io/kubernetes/cmd/" + name,
		Local: stagingVersion,
		Set:   []string{version + "gitVersion=" + kubernetesVersion, version + "gitMajor=" + major, version + "gitMinor=" + minor},
	}
}

// Find looks a program up by its name or one of its links.
func Find(name string) (Part, error) {
	var known []string
	for _, part := range Table() {
		if part.Name == name || slices.Contains(part.Links, name) {
			return part, nil
		}
		known = append(append(known, part.Name), part.Links...)
	}
	return Part{}, fmt.Errorf("no part is called %q; there are %s", name, strings.Join(known, ", "))
}
