package platform

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"spokewright.dev/spokewright/conformance/argocd"
	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/world"
	"spokewright.dev/spokewright/internal/manifest"
)

// fleetFolders are what a fleet's repository holds.
func fleetFolders() []string { return []string{"environments", "overlays", "bases", "golden"} }

// outside makes all that the fleet names: its repositories, the charts and the packages.
func (p *Platform) outside(ctx context.Context) error {
	golden, err := documents.ReadFolder(filepath.Join(p.tree, "golden"))
	if err != nil {
		return err
	}
	fleet, err := subtree(p.tree, fleetFolders())
	if err != nil {
		return err
	}
	const home = "https://git.example.com/lighthouse/"
	if p.Fleet, err = p.World.Repository(ctx, home+"fleet.git", fleet); err != nil {
		return err
	}
	if err := p.fit(ctx); err != nil {
		return err
	}
	sources := sourcesIn(golden)
	if p.Apps, err = p.World.Repository(ctx, home+"apps.git", apps(sources, home+"apps.git")); err != nil {
		return err
	}
	for _, source := range sources {
		if source.chart == "" {
			continue
		}
		files, err := chart(ctx, source.chart, golden)
		if err != nil {
			return err
		}
		if err := p.World.Chart(source.repository, world.Chart{Name: source.chart, Version: source.version, Files: files}); err != nil {
			return err
		}
	}
	fitted, err := documents.ReadFolder(filepath.Join(p.Fleet.Work, "golden"))
	if err != nil {
		return err
	}
	return p.packages(fitted)
}

// fit makes the fleet fit what is told of it, as a commit of its own: environments are left out, and no freeze of the
// sample's lets what happens depend on the day.
func (p *Platform) fit(ctx context.Context) error {
	_, err := p.Fleet.Commit(ctx, "Lift the freeze, and leave out "+strings.Join(p.scope.Without, " and "), func(work string) error {
		if err := lift(filepath.Join(work, "overlays", "prod-eu", "hub", "kustomization.yaml")); err != nil {
			return err
		}
		for i := range p.scope.Copies {
			if err := Copy(work, "prod-eu", fmt.Sprintf("copy-%03d", i+1)); err != nil {
				return err
			}
		}
		for _, name := range p.scope.Without {
			if name == keepsTelemetry {
				if err := outsideTheFleet(filepath.Join(work, "environments", "fleet.cue")); err != nil {
					return err
				}
			}
			for _, path := range []string{"environments/" + name + ".cue", "environments/" + name + ".names.cue", "overlays/" + name, "golden/" + name} {
				if err := os.RemoveAll(filepath.Join(work, path)); err != nil {
					return err
				}
			}
		}
		if p.scope.Claims {
			if err := older(work); err != nil {
				return err
			}
		}
		render := exec.CommandContext(ctx, filepath.Join(p.Programs(), "spokewright"), "render")
		render.Dir = work
		if output, err := render.CombinedOutput(); err != nil {
			return fmt.Errorf("spokewright render: %w: %s", err, output)
		}
		return nil
	})
	return err
}

// outsideTheFleet has logs and metrics go to a service outside, where no environment takes them.
func outsideTheFleet(fleet string) error {
	text, err := os.ReadFile(fleet)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(text), "\tenvironment: \""+keepsTelemetry+"\"\n")
	if !found {
		return fmt.Errorf("%s: what keeps telemetry is not where it was", fleet)
	}
	return os.WriteFile(fleet, []byte(before+after), 0o644)
}

// Copy adds an environment with a cluster and a database to a checkout of the fleet, by the overlay of another.
func Copy(work, like, name string) error {
	spec := "class: \"development\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\"}\ndatabases: orders: engine: \"postgres\"\n"
	if err := os.WriteFile(filepath.Join(work, "environments", name+".cue"), []byte(spec), 0o644); err != nil {
		return err
	}
	from, to := filepath.Join(work, "overlays", like), filepath.Join(work, "overlays", name)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), like, name)), 0o644)
	})
}

// older changes a fleet to claims, as docs/compositions.md says.
func older(work string) error {
	fleet := filepath.Join(work, "environments", "fleet.cue")
	text, err := os.ReadFile(fleet)
	if err != nil {
		return err
	}
	if err := os.WriteFile(fleet, append(text, "targets: crossplane: {version: \"2.2\", api: \"claims\"}\n"...), 0o644); err != nil {
		return err
	}
	hub := filepath.Join(work, "bases", "hub", "kustomization.yaml")
	if text, err = os.ReadFile(hub); err != nil {
		return err
	}
	changed := strings.ReplaceAll(strings.ReplaceAll(string(text), "/namespaced", "/claims"), "packages/claims", "packages/claims, packages/claims/active")
	if changed == string(text) {
		return fmt.Errorf("%s: found no folder of the newer generation", hub)
	}
	return os.WriteFile(hub, []byte(changed), 0o644)
}

// lift takes the patch out of an overlay that forbids changes on some days.
func lift(overlay string) error {
	text, err := os.ReadFile(overlay)
	if err != nil {
		return err
	}
	before, patches, found := strings.Cut(string(text), "patches:\n")
	_, after, ended := strings.Cut(patches, "sortOptions:")
	if !found || !ended || !strings.Contains(patches, "syncWindows") {
		return fmt.Errorf("%s: the freeze of the sample is not where it was", overlay)
	}
	return os.WriteFile(overlay, []byte(before+"sortOptions:"+after), 0o644)
}

// subtree reads some folders of a tree.
func subtree(tree string, folders []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(tree, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			relative, err := filepath.Rel(tree, path)
			files[filepath.ToSlash(relative)] = text
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// source is where an Application takes what it applies from.
type source struct {
	repository, version string
	chart, path         string // one of them
	helm                bool
}

// sourcesIn lists the sources of all Applications, and of those that ApplicationSets make, each once.
func sourcesIn(golden []documents.Document) []source {
	var all []source
	seen := map[source]bool{}
	add := func(fields map[string]any) {
		s := source{}
		s.repository, _ = fields["repoURL"].(string)
		s.version, _ = fields["targetRevision"].(string)
		s.chart, _ = fields["chart"].(string)
		s.path, _ = fields["path"].(string)
		_, s.helm = fields["helm"]
		if s.repository != "" && !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	for _, document := range golden {
		switch document.ID().Kind {
		case "Application":
			add(hub.Fields(document.Object, "spec", "source"))
		case "ApplicationSet":
			for _, generator := range hub.Items(hub.Fields(document.Object, "spec")["generators"]) {
				fields, _ := generator.(map[string]any)
				for _, element := range hub.Items(hub.Fields(fields, "list")["elements"]) {
					values, _ := element.(map[string]any)
					add(hub.Fields(values, "source"))
				}
			}
		}
	}
	return all
}

// chart is what stands in for a project's chart: its real definitions, and one Deployment for all that it would run.
func chart(ctx context.Context, name string, golden []documents.Document) (map[string][]byte, error) {
	if name == "argo-cd" {
		return argocd.Chart(), nil // whoever made the hub installed its definitions
	}
	known, special := map[string]struct{ project, deployment, group string }{
		"kyverno":              {"Kyverno", "kyverno-admission-controller", ""},
		"external-secrets":     {"External Secrets", "external-secrets", "external-secrets.io"},
		"argocd-image-updater": {"Image Updater", "argocd-image-updater", ""},
		"crossplane":           {"", "crossplane", ""}, // its pod brings its definitions
	}[name]
	if !special {
		files := map[string][]byte{"templates/deployment.yaml": deployment(name, "1.0.0", "2")}
		return files, ofFlavour(files, name, golden)
	}
	files := map[string][]byte{"templates/deployment.yaml": deployment(known.deployment, "1.0.0", "1")}
	for _, project := range crds.Projects() {
		if project.Name != known.project {
			continue
		}
		definitions, err := crds.Read(ctx, project)
		if err != nil {
			return nil, err
		}
		for _, definition := range definitions {
			group, _ := hub.Fields(definition.Object, "spec")["group"].(string)
			if known.group == "" || group == known.group || strings.HasSuffix(group, "."+known.group) {
				slim, err := crds.Slim(definition)
				if err != nil {
					return nil, err
				}
				files["crds/"+slim.ID().Name+".yaml"] = slim.Text
			}
		}
	}
	return files, nil
}

// deployment is one that the rules of every class let in.
func deployment(name, tag, replicas string) []byte {
	return fmt.Appendf(nil, `apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s}
spec:
  replicas: %[3]s
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: main
        image: registry.example.com/shop/%[1]s:%[2]s
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
`, name, tag, replicas)
}

// apps is the repository of the teams: what the fleet's apps are made from.
func apps(sources []source, repository string) map[string][]byte {
	files := map[string][]byte{}
	for _, s := range sources {
		if s.repository != repository || s.path == "" {
			continue
		}
		parts := strings.Split(s.path, "/")
		if s.helm {
			name := parts[len(parts)-1]
			files[s.path+"/Chart.yaml"] = []byte("apiVersion: v2\nname: " + name + "\nversion: 0.1.0\n")
			files[s.path+"/values.yaml"] = []byte("replicas: 2\n")
			files[s.path+"/templates/deployment.yaml"] = deployment(name, "2.0.0", "{{ .Values.replicas }}")
			continue
		}
		name := parts[1] // apps/NAME/overlays/ENVIRONMENT
		files["apps/"+name+"/base/kustomization.yaml"] = []byte("resources: [deployment.yaml]\n")
		files["apps/"+name+"/base/deployment.yaml"] = deployment(name, "0.0.0", "2")
		files[s.path+"/kustomization.yaml"] = []byte("resources: [../../base]\nimages:\n- name: registry.example.com/shop/" + name + "\n  newTag: " + tagOf(parts[len(parts)-1]) + "\n")
	}
	return files
}

// tagOf is the tag that an environment begins with.
func tagOf(environment string) string {
	switch {
	case strings.HasPrefix(environment, "prod"):
		return "1.4.0"
	case environment == "staging":
		return "1.5.0"
	default:
		return "main-1"
	}
}

// packages makes the packages that the hub installs, with the providers' own definitions where somebody has them.
func (p *Platform) packages(golden []documents.Document) error {
	for _, document := range golden {
		id := document.ID()
		if id.Group() != "pkg.crossplane.io" || (id.Kind != "Provider" && id.Kind != "Function") {
			continue
		}
		reference, _ := hub.Fields(document.Object, "spec")["package"].(string)
		meta := manifest.New("meta.pkg.crossplane.io/v1", id.Kind, "", id.Name)
		text := []byte{}
		if id.Kind == "Function" {
			meta["spec"] = map[string]any{"capabilities": []any{"composition"}}
		} else {
			meta["spec"] = map[string]any{"capabilities": []any{"safe-start"}}
			var err error
			if text, err = p.definitions(groupOf(id.Name), golden); err != nil {
				return err
			}
		}
		whole := append(manifest.Stream([]manifest.Object{meta}), text...)
		if err := p.World.Image(reference, map[string][]byte{"package.yaml": whole}); err != nil {
			return err
		}
	}
	return nil
}

// groupOf gives the group of a provider's kinds, without its end: provider-aws-ec2 has ec2.aws, provider-family-aws has aws,
// provider-kubernetes has kubernetes.
func groupOf(provider string) string {
	parts := strings.Split(provider, "-")
	switch {
	case len(parts) == 2:
		return parts[1]
	case len(parts) != 3:
		return provider
	case parts[1] == "family":
		return parts[2]
	default:
		return parts[2] + "." + parts[1]
	}
}
