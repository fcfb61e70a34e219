package crd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sync/errgroup"
)

// The releases whose CRDs count, as Go modules: the one place that names their versions.
const (
	argoCD          = "github.com/argoproj/argo-cd/v3@v3.2.6"
	imageUpdater    = "github.com/argoproj-labs/argocd-image-updater@v1.3.0"
	kyverno         = "github.com/kyverno/kyverno@v1.19.1"
	crossplane      = "github.com/crossplane/crossplane/v2@v2.2.0"
	crossplane1     = "github.com/crossplane/crossplane@v1.20.0"
	externalSecrets = "github.com/external-secrets/external-secrets@v0.20.4"
)

// crdFiles are the files read of each release: the kinds that Spokewright emits.
var crdFiles = map[string][]string{
	argoCD: {
		"manifests/crds/application-crd.yaml",
		"manifests/crds/applicationset-crd.yaml",
		"manifests/crds/appproject-crd.yaml",
	},
	imageUpdater: {"config/crd/bases/argocd-image-updater.argoproj.io_imageupdaters.yaml"},
	kyverno: {
		"config/crds/policies.kyverno.io/policies.kyverno.io_imagevalidatingpolicies.yaml",
		"config/crds/policies.kyverno.io/policies.kyverno.io_mutatingpolicies.yaml",
		"config/crds/policies.kyverno.io/policies.kyverno.io_namespacedvalidatingpolicies.yaml",
		"config/crds/policies.kyverno.io/policies.kyverno.io_policyexceptions.yaml",
		"config/crds/policies.kyverno.io/policies.kyverno.io_validatingpolicies.yaml",
	},
	crossplane: {
		"cluster/crds/apiextensions.crossplane.io_compositeresourcedefinitions.yaml",
		"cluster/crds/apiextensions.crossplane.io_compositions.yaml",
		"cluster/crds/apiextensions.crossplane.io_managedresourceactivationpolicies.yaml",
		"cluster/crds/apiextensions.crossplane.io_usages.yaml",
		"cluster/crds/pkg.crossplane.io_deploymentruntimeconfigs.yaml",
		"cluster/crds/pkg.crossplane.io_functions.yaml",
		"cluster/crds/pkg.crossplane.io_providers.yaml",
		"cluster/crds/protection.crossplane.io_clusterusages.yaml",
		"cluster/crds/protection.crossplane.io_usages.yaml",
	},
	crossplane1: {
		"cluster/crds/apiextensions.crossplane.io_compositeresourcedefinitions.yaml",
		"cluster/crds/apiextensions.crossplane.io_compositions.yaml",
		"cluster/crds/apiextensions.crossplane.io_usages.yaml",
		"cluster/crds/pkg.crossplane.io_deploymentruntimeconfigs.yaml",
		"cluster/crds/pkg.crossplane.io_functions.yaml",
		"cluster/crds/pkg.crossplane.io_providers.yaml",
	},
	externalSecrets: {
		"config/crds/bases/external-secrets.io_clustersecretstores.yaml",
		"config/crds/bases/external-secrets.io_externalsecrets.yaml",
		"config/crds/bases/external-secrets.io_secretstores.yaml",
		"config/crds/bases/generators.external-secrets.io_passwords.yaml",
	},
}

// released holds what was read of the releases, by module: once for the whole test binary.
type released struct {
	crds    map[string][]map[string]any
	schemas map[string][]Schema
}

// releases reads the CRDs of all releases from Go's module cache, which go fills if it must. Short tests do without.
func releases(t *testing.T) released {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the modules of other projects")
	}
	read, err := readReleases()
	require.NoError(t, err)
	return read
}

var readReleases = sync.OnceValues(func() (released, error) {
	read := released{crds: map[string][]map[string]any{}, schemas: map[string][]Schema{}}
	folders, err := moduleFolders()
	if err != nil {
		return read, err
	}
	var group errgroup.Group
	for module, files := range crdFiles {
		crds, schemas := make([]map[string]any, len(files)), make([][]Schema, len(files))
		read.crds[module] = crds
		for i, file := range files {
			group.Go(func() (err error) {
				crds[i], schemas[i], err = readCRD(filepath.Join(folders[module], file))
				return err
			})
		}
		defer func() {
			for _, more := range schemas {
				read.schemas[module] = append(read.schemas[module], more...)
			}
		}()
	}
	return read, group.Wait()
})

func readCRD(file string) (map[string]any, []Schema, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	var crd map[string]any
	if err := yaml.Unmarshal(content, &crd); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	schemas, err := FromCRD(crd)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return crd, schemas, nil
}

// moduleFolders asks go where the modules lie. It works in an empty folder, so that no go.mod is read or changed.
func moduleFolders() (map[string]string, error) {
	arguments := []string{"mod", "download", "-json"}
	for module := range crdFiles {
		arguments = append(arguments, module)
	}
	empty, err := os.MkdirTemp("", "objects")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(empty) }()
	command := exec.CommandContext(context.Background(), "go", arguments...)
	command.Dir = empty
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	output, err := command.Output()
	if err != nil && len(output) == 0 {
		return nil, fmt.Errorf("go mod download: %w", err)
	}
	folders := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var module struct {
			Path    string `json:"Path"`
			Version string `json:"Version"`
			Dir     string `json:"Dir"`
			Error   string `json:"Error"`
		}
		if err := decoder.Decode(&module); errors.Is(err, io.EOF) {
			return folders, nil
		} else if err != nil {
			return nil, err
		}
		if module.Error != "" {
			return nil, fmt.Errorf("%s@%s: %s", module.Path, module.Version, module.Error)
		}
		folders[module.Path+"@"+module.Version] = module.Dir
	}
}
