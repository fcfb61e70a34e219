// Package crds gives the custom resource definitions of the projects that Spokewright emits objects for, as each
// published them. It is not for those that a fleet's own XRDs define.
package crds

import (
	"context"
	"fmt"
	"path/filepath"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/parts"
)

// Project is a published Go module that carries its definitions in a folder.
type Project struct {
	Name, Module, Version, Folder string
}

// Projects lists what a hub and a spoke can have installed. Crossplane 1.20's Usage (apiextensions.crossplane.io) has the
// schema that 2.2.0 publishes; only descriptions and the mark of deprecation differ.
func Projects() []Project {
	return []Project{
		{"Argo CD", "github.com/argoproj/argo-cd/v3", "v3.2.6", "manifests/crds"},
		{"Kyverno", "github.com/kyverno/kyverno", "v1.19.1", "config/crds"},
		{"Crossplane", "github.com/crossplane/crossplane/v2", "v2.2.0", "cluster/crds"},
		{"Image Updater", "github.com/argoproj-labs/argocd-image-updater", "v1.3.0", "config/crd/bases"},
		{"External Secrets", "github.com/external-secrets/external-secrets", "v0.20.4", "config/crds/bases"},
	}
}

// Read gives a project's definitions, from Go's module cache.
func Read(ctx context.Context, project Project) ([]documents.Document, error) {
	module, err := parts.Download(ctx, project.Module, project.Version)
	if err != nil {
		return nil, fmt.Errorf("definitions of %s: %w", project.Name, err)
	}
	all, err := documents.ReadFolder(filepath.Join(module.Dir, project.Folder))
	if err != nil {
		return nil, fmt.Errorf("definitions of %s: %w", project.Name, err)
	}
	var definitions []documents.Document
	for _, document := range all {
		if document.ID().Kind == "CustomResourceDefinition" {
			definitions = append(definitions, document)
		}
	}
	if len(definitions) == 0 {
		return nil, fmt.Errorf("definitions of %s: none in %s of %s@%s", project.Name, project.Folder, project.Module, project.Version)
	}
	return definitions, nil
}
