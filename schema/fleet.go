package schema

import (
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/constraint"
)

// Fleet is what all environments share: fleet.cue over the defaults, legal and complete.
type Fleet struct {
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
	SecretStores  map[string]string   `json:"secretStores"` // of each cloud: a region, a vault's address, a project
	Regions       map[string][]string `json:"regions"`      // of each cloud, all that are known
	Claims        Claims              `json:"claims"`
	Classes       map[string]Class    `json:"classes"`

	root *node
}

// Repository is a Git repository at a branch, tag or commit.
type Repository struct {
	URL      string `json:"url"`
	Revision string `json:"revision"`
}

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
func (t Target) Before(version string) bool {
	return slices.Compare(numbers(t.Version), numbers(version)) < 0
}

func numbers(version string) []int {
	var parsed []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		parsed = append(parsed, n)
	}
	return parsed
}

// ImageUpdates says how Image Updater reaches the Git repository that it writes to.
type ImageUpdates struct {
	Credentials string `json:"credentials"` // a Secret, as NAMESPACE/NAME
}

// Class is what the environments of a class have in common.
type Class struct {
	Name            string          `json:"-"`
	Description     string          `json:"description"`
	Protected       bool            `json:"protected"`
	ImmutableImages bool            `json:"immutableImages"`
	PodSecurity     string          `json:"podSecurity"`
	LoadBalancers   bool            `json:"loadBalancers"`
	Regions         []string        `json:"regions"`
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
	Position Position `json:"-"`
}

// Claims are the kinds that stand for clusters, databases and networks.
type Claims struct {
	Cluster  ClaimKind `json:"cluster"`
	Database ClaimKind `json:"database"`
	Network  ClaimKind `json:"network"` // without a Kind where the fleet has none
}

// ClaimKind is the kind of a claim and where its fields go.
type ClaimKind struct {
	APIVersion string                    `json:"apiVersion"`
	Kind       string                    `json:"kind"`
	Plural     string                    `json:"plural"`
	Composite  string                    `json:"composite"`
	Fields     map[string]string         `json:"fields"` // ours, "nodes.min", to theirs, "spec.nodes.min"
	Values     map[string]map[string]any `json:"values"` // of ours, each word, and what theirs is
	Without    []string                  `json:"without"`
	Set        map[string]any            `json:"set"`
}

// Group is the API group of the kind.
func (k ClaimKind) Group() string {
	group, _, _ := strings.Cut(k.APIVersion, "/")
	return group
}
