package schema

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"golang.org/x/mod/semver"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// FleetConfig is what all environments share: fleet.cue over the defaults, legal and complete.
type FleetConfig struct {
	Name          string              `json:"name"`
	MinVersion    string              `json:"minVersion"`
	Repository    Repository          `json:"repository"`
	AppRepository Repository          `json:"appRepository"`
	Owner         string              `json:"owner"`
	Delivery      string              `json:"delivery"` // "rendered" or "plugin"
	Targets       Targets             `json:"targets"`
	Registries    []string            `json:"registries"`
	Signatures    Signatures          `json:"signatures"`
	ImageUpdates  ImageUpdates        `json:"imageUpdates"`
	Accounts      map[string]Account  `json:"accounts"`
	SecretStores  map[string]string   `json:"secretStores"` // of each cloud: a region, a vault's address, a project
	Regions       map[string][]string `json:"regions"`      // of each cloud, all that are known
	Claims        claim.Claims        `json:"claims"`
	Classes       map[string]Class    `json:"classes"`
	Flavours      map[string]Flavour  `json:"flavours"`
	Telemetry     *Telemetry          `json:"telemetry"` // nil where logs and metrics stay on their spokes
	Moved         []Moved             `json:"moved"`
	Removed       []Removed           `json:"removed"`

	root   *cuefile.Node
	reader *Reader // that read it
	once   *sync.Map
}

// Once is what make gives, made once for all environments of the fleet that ask by one key. Nobody writes to it.
func (f *FleetConfig) Once(key any, make func() any) any {
	if f.once == nil { // nobody read it
		return make()
	}
	known, there := f.once.Load(key)
	if !there {
		known, _ = f.once.LoadOrStore(key, sync.OnceValue(make))
	}
	return known.(func() any)()
}

// Flavour is a kind of spoke that environments choose by its name. What its addons are stands in the fleet's tree.
type Flavour struct {
	Description string   `json:"description"`
	Clouds      []string `json:"clouds"` // that can have it; all where it names none
}

// Telemetry is what takes the logs and metrics of spokes.
type Telemetry struct {
	Environment string `json:"environment"` // the one that keeps them; nothing for one outside the fleet
	Logs        string `json:"logs"`        // addresses
	Metrics     string `json:"metrics"`
	Credential  string `json:"credential"` // the name in each spoke's part of its cloud's store of secrets
}

// Repository is a Git repository at a branch, tag or commit.
type Repository struct {
	URL      string `json:"url"`
	Revision string `json:"revision"`
	Path     string `json:"path"` // the fleet's folder in its repository; empty for the root, and in other repositories
}

// Within is a path of the fleet as a path of its repository.
func (r Repository) Within(inside string) string { return path.Join(r.Path, inside) }

// Targets are the controllers to write for.
type Targets struct {
	ArgoCD       Target `json:"argocd"`
	Crossplane   Target `json:"crossplane"`
	ImageUpdater Target `json:"imageUpdater"`
	Kyverno      Target `json:"kyverno"`
}

// Target is one controller's version, "major.minor", and which of its APIs to write for.
type Target struct {
	Version string `json:"version"`
	API     string `json:"api"`
}

// Before says whether the target is older than a "major.minor" version.
func (t Target) Before(version string) bool { return Older(t.Version, version) }

// ImageUpdates says how Image Updater reaches the Git repository that it writes to.
type ImageUpdates struct {
	Credentials string `json:"credentials"` // a Secret, as NAMESPACE/NAME
}

// Class is what the environments of a class have in common.
type Class struct {
	Name            string          `json:"-"`
	From            string          `json:"from"`
	Description     string          `json:"description"`
	Protected       bool            `json:"protected"`
	ImmutableImages bool            `json:"immutableImages"`
	PodSecurity     string          `json:"podSecurity"`
	LoadBalancers   bool            `json:"loadBalancers"`
	PullRequests    string          `json:"pullRequests"` // "github", "gitlab" or nothing: how new tags of images come
	Regions         []string        `json:"regions"`
	Compositions    string          `json:"compositions"` // a set of them, or nothing
	Rules           map[string]Rule `json:"rules"`
}

// Rule is what objects of some kinds must satisfy.
type Rule struct {
	Name    string   `json:"-"`
	Kinds   []string `json:"kinds"`
	Message string   `json:"message"`
	Action  string   `json:"action"` // "deny", "warn" or "audit"
	Waiver  *Waiver  `json:"waiver"` // of Spokewright's own rule of this name, where this one may ask for less; nil where not
	// Require is the constraint on the whole object.
	Require *constraint.Constraint `json:"-"`
	// Position is where the rule is written.
	Position finding.Position `json:"-"`
}

// PolicyVersion is the apiVersion of Kyverno's policies: v1 is served since Kyverno 1.18, v1beta1 before.
func (f *FleetConfig) PolicyVersion() string {
	if f.Targets.Kyverno.Before("1.18") {
		return "policies.kyverno.io/v1beta1"
	}
	return "policies.kyverno.io/v1"
}

// Place finds a fleet that does not lie where it says: folder is where it is in its Git repository. Argo CD would look for
// everything elsewhere.
func (f *FleetConfig) Place(folder string) finding.Findings {
	said := f.Repository.Path
	if path.Clean(said) == folder {
		return nil
	}
	at, found, allowed := []string{"repository", "path"}, "found "+finding.Quote(said), finding.Quote(folder)
	if said == "" {
		at, found = at[:1], "missing"
	}
	if folder == "." {
		allowed = "none"
	}
	return finding.Findings{{Code: finding.Inconsistent, Position: f.root.At(at...).Position, Path: finding.Keys("repository", "path"),
		Message: found + ", allowed is " + allowed + ", the fleet's folder in its Git repository: Argo CD looks there for everything"}}
}

// NewerWanted is a fleet's minVersion where it is newer than this program's version; "" otherwise. Nothing else is read or
// judged: what a newer fleet says beside it may be unknown here. A program that does not know its own version refuses
// nothing.
func NewerWanted(tree fs.FS, version string) string {
	wanted, _ := minVersion(tree)
	if release(version) == "" || !Older(version, wanted) {
		return ""
	}
	return wanted
}

// RefuseNewer is the error of a fleet that wants a newer program than this one.
func RefuseNewer(tree fs.FS, version string) error {
	wanted := NewerWanted(tree, version)
	if wanted == "" {
		return nil
	}
	_, at := minVersion(tree)
	return finding.Findings{{Code: finding.NewerProgram, Position: at, Path: "minVersion",
		Message: fmt.Sprintf("found %q, and this is spokewright %s: install %[1]s or later", wanted, version)}}
}

func minVersion(tree fs.FS) (string, finding.Position) {
	text, err := fs.ReadFile(tree, FleetFile)
	if err != nil { // told when the file is read for what it says
		return "", finding.Position{}
	}
	return cuefile.TextField(FleetFile, text, "minVersion")
}

// Older reports whether version a comes before version b. Each is MAJOR.MINOR or MAJOR.MINOR.PATCH, with or without a v;
// what follows, such as the commits since a tag, does not count. What is no version comes first.
func Older(a, b string) bool { return semver.Compare(release(a), release(b)) < 0 }

func release(version string) string {
	canonical := semver.Canonical("v" + strings.TrimPrefix(version, "v"))
	return strings.TrimSuffix(canonical, semver.Prerelease(canonical))
}

// Written is where fleet.cue says what stands at a path, or the nearest thing above it.
func (f *FleetConfig) Written(path ...string) finding.Position {
	if at := f.root.At(path...).Position; at.File != "" {
		return at
	}
	return finding.Position{File: FleetFile}
}
