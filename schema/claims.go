package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/finding"
)

// The API group of the claims that Spokewright itself defines.
const claimGroup = "platform.spokewright.dev"

// completeClaims fills in Spokewright's own kinds where the fleet names none.
func completeClaims(f *FleetConfig) claim.Claims {
	claims := f.Claims
	if claims.Cluster.Kind == "" && claims.Network.Kind == "" {
		claims.Network = claim.Kind{APIVersion: claimGroup + "/v1alpha1", Kind: "Network", Plural: "networks", Composite: "XNetwork"}
	}
	if claims.Cluster.Kind == "" && claims.NodePool.Kind == "" {
		claims.NodePool = claim.Kind{APIVersion: claimGroup + "/v1alpha1", Kind: "NodePool", Plural: "nodepools", Composite: "XNodePool"}
	}
	if claims.Cluster.Kind == "" && claims.Network.Fields == nil && claims.Peering.Kind == "" {
		claims.Peering = claim.Kind{APIVersion: claimGroup + "/v1alpha1", Kind: "Peering", Plural: "peerings", Composite: "XPeering"}
	}
	if claims.Cluster.Kind == "" {
		claims.Cluster = claim.Kind{APIVersion: claimGroup + "/v1alpha1", Kind: "Cluster", Plural: "clusters", Composite: "XCluster"}
	}
	if claims.Database.Kind == "" {
		claims.Database = claim.Kind{APIVersion: claimGroup + "/v1alpha1", Kind: "Database", Plural: "databases", Composite: "XDatabase"}
	}
	return claims
}

// exactly gives a kind the values that a fleet sets with all their digits, which JSON does not keep.
func exactly(kind *claim.Kind, from *cuefile.Node) {
	kind.Set, _ = from.Child("set").Data().(map[string]any)
	for field, words := range kind.Values {
		for word := range words {
			words[word] = from.Find("values", field, word).Data()
		}
	}
}

// Network is the kind of the environment's network, where it has one to ask for: an adopted cluster has its own, and that of a hub
// is only looked at, once all names of its parts are recorded.
func (e Environment) Network() (claim.Kind, bool) {
	kind := e.Fleet.Claims.Network
	switch {
	case kind.Kind == "" || e.Cluster == nil:
		return kind, false
	case e.Role == "hub":
		return kind, !slices.ContainsFunc(externalname.Parts(e.Cluster.Cloud, "Network"), func(part string) bool { return e.Names.Network[part] == "" })
	}
	return kind, e.Cluster.Adopt == nil
}

// ReachedByName says whether the environment's cluster is reached by a name that its cloud has for it, from everywhere.
func (e Environment) ReachedByName() bool {
	return e.Cluster != nil && e.Cluster.DNSEndpoint != nil && *e.Cluster.DNSEndpoint
}

// dnsEndpoint reports a name of a cluster that its cloud does not have, that nobody makes, or that the fleet's own kind has no place for.
func (c *checker) dnsEndpoint(e *Environment) {
	kind := e.Fleet.Claims.Cluster
	_, mapped := kind.Fields["dnsEndpoint"]
	if e.Cluster.DNSEndpoint == nil || !c.known("cluster", "cloud") || !c.known("cluster", "dnsEndpoint") {
		return
	}
	report := func(code finding.Code, message string) { c.report(code, message, "cluster", "dnsEndpoint") }
	switch {
	case e.Cluster.Cloud != "gcp":
		report(finding.Unsupported, fmt.Sprintf("must not be set: a cluster on %s has no such name, Google Cloud alone gives one", cloudNames()[e.Cluster.Cloud]))
	case e.Role == "hub":
		report(finding.Unsupported, "must not be set: the hub is where Argo CD is, and spokewright bootstrap made it")
	case kind.Fields != nil && !mapped:
		report(finding.Inconsistent, fmt.Sprintf("must not be set: the fleet's kind %s has no place for dnsEndpoint", kind.Kind))
	}
}

// NodePool is the kind of the environment's pools of nodes, where it asks for some.
func (e Environment) NodePool() (claim.Kind, bool) {
	kind := e.Fleet.Claims.NodePool
	return kind, kind.Kind != "" && e.Cluster != nil && len(e.Cluster.Nodes.Pools) > 0
}

// JoinsHub says whether the environment's network is to be joined with that of its hub. What a class says of it is not about hubs.
func (e Environment) JoinsHub() bool {
	return e.Cluster != nil && e.Role != "hub" && e.Cluster.Network.JoinHub
}

// Peering is the kind of the peering with the hub's network, where the environment asks for one and that network is known.
func (e Environment) Peering() (claim.Kind, bool) {
	kind := e.Fleet.Claims.Peering
	return kind, kind.Kind != "" && e.JoinsHub() && e.HubNetwork != nil
}

// claims reports a mapping to a fleet's own kind that would lose a field or that names one which is not ours.
func (c *fleetChecker) claims() {
	for _, mapping := range []struct {
		field string
		kind  claim.Kind
		spec  *constraint.Constraint
	}{
		{"cluster", c.fleet.Claims.Cluster, c.reader.claims["Cluster"]},
		{"database", c.fleet.Claims.Database, c.reader.claims["Database"]},
		{"network", c.fleet.Claims.Network, c.reader.claims["Network"]},
		{"nodePool", c.fleet.Claims.NodePool, c.reader.claims["NodePool"]},
		{"peering", c.fleet.Claims.Peering, c.reader.claims["Peering"]},
	} {
		if mapping.kind.Fields != nil && c.known("claims", mapping.field) {
			c.claim([]string{"claims", mapping.field}, mapping.kind, claim.Leaves(mapping.spec, ""))
			c.translations([]string{"claims", mapping.field}, mapping.kind, mapping.spec)
		}
	}
}

// claim reports what is wrong with one mapping of our fields, which are plain paths such as "nodes.min".
func (c *fleetChecker) claim(path []string, kind claim.Kind, ours []string) {
	fields := append(slices.Clip(path), "fields")
	for _, name := range slices.Sorted(maps.Keys(kind.Fields)) {
		if !slices.Contains(ours, name) {
			at := c.user.At(append(slices.Clip(fields), name)...)
			f := unknownOurs(name, ours)
			f.Position, f.Path = at.Label, finding.Tokens(fields...)
			c.problems = append(c.problems, f)
		}
	}
	for i, name := range kind.Without {
		_, mapped := kind.Fields[name]
		switch {
		case !slices.Contains(ours, name):
			c.add(unknownOurs(name, ours), append(slices.Clip(path), "without", strconv.Itoa(i))...)
		case mapped:
			c.report(finding.Inconsistent, fmt.Sprintf("found %q, which fields maps: allowed is one of them", name), append(slices.Clip(path), "without", strconv.Itoa(i))...)
		}
	}
	if lost := slices.DeleteFunc(slices.Clone(ours), func(name string) bool {
		_, mapped := kind.Fields[name]
		return mapped || slices.Contains(kind.Without, name) || slices.Contains([]string{"account", "argocd", "dnsEndpoint", "names"}, name) // told where an environment has some
	}); len(lost) > 0 {
		c.report(finding.MissingField, "found no place for "+strings.Join(lost, ", ")+": map each, or list it in without", fields...)
	}
	if c.fleet.Targets.Crossplane.API == "claims" && kind.Composite == "" {
		c.report(finding.MissingField, "missing: allowed is the kind of the composite behind the claim, which deletion protection names", append(slices.Clip(path), "composite")...)
	}
}

func unknownOurs(name string, ours []string) finding.Finding {
	return finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which is no field of ours", finding.Quote(name)),
		Suggestion: finding.Suggest(name, ours), Aside: "allowed are " + strings.Join(ours, ", ")}
}

// translations reports words that are none of ours, words of ours that are left out, and rules that no translation can say.
func (c *fleetChecker) translations(path []string, kind claim.Kind, spec *constraint.Constraint) {
	for _, field := range slices.Sorted(maps.Keys(kind.Values)) {
		at := append(slices.Clip(path), "values", field)
		if _, mapped := kind.Fields[field]; !mapped {
			c.add(finding.Finding{Code: finding.Inconsistent, Message: fmt.Sprintf("found values for %s, which fields does not map", finding.Quote(field)),
				Suggestion: finding.Suggest(field, slices.Sorted(maps.Keys(kind.Fields)))}, at...)
			continue
		}
		words := claim.Leaf(spec, field).Enum
		for _, word := range slices.Sorted(maps.Keys(kind.Values[field])) {
			if len(words) > 0 && !slices.Contains(words, any(word)) {
				c.add(finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which is no word of ours", finding.Quote(word)),
					Suggestion: finding.Suggest(word, claim.Texts(words)), Aside: "allowed are " + finding.OneOf(finding.Quoted(claim.Texts(words)))}, append(slices.Clip(at), word)...)
			}
		}
		for _, word := range claim.Texts(words) {
			if _, told := kind.Values[field][word]; !told && word != Snapshot { // deleted without, where there is no word for it
				c.report(finding.MissingField, "found no value for "+finding.Quote(word), at...)
			}
		}
		c.untranslatable(path[len(path)-1], field)
	}
}

// untranslatable reports rules that compare a translated field with another one: their words are not ours.
func (c *fleetChecker) untranslatable(part, field string) {
	for _, class := range slices.Sorted(maps.Keys(c.fleet.Classes)) {
		for _, name := range slices.Sorted(maps.Keys(c.fleet.Classes[class].Rules)) {
			rule := c.fleet.Classes[class].Rules[name]
			if !slices.ContainsFunc(rule.Kinds, func(kind string) bool { return strings.EqualFold(kind, part) }) {
				continue
			}
			at := []string{"classes", class, "rules", name, "require"}
			require, _ := requirement(c.merged.At(at...), at)
			for _, path := range related(require, nil) {
				if strings.Join(path, ".") == "spec."+field {
					c.report(finding.Unsupported, fmt.Sprintf("found a comparison with %s, whose words the fleet translates: allowed is a choice of words", field), append(at, path...)...)
				}
			}
		}
	}
}

// related are the fields that a rule compares with each other, as paths from the object down.
func related(c *constraint.Constraint, path []string) [][]string {
	if c == nil {
		return nil
	}
	var all [][]string
	for _, r := range c.Relations {
		all = append(all, path, append(slices.Clip(path[:max(len(path)-r.Levels, 0)]), r.Path...))
	}
	for _, conditional := range c.If {
		all = append(all, related(conditional.Then, path)...)
	}
	for _, field := range c.Fields {
		all = append(all, related(field.Value, append(slices.Clip(path), field.Name))...)
	}
	return all
}

// Workspace is a module of OpenTofu or Terraform to run.
type Workspace struct {
	ID        string         `json:"id"` // what its state is kept under
	Source    string         `json:"source"`
	Version   string         `json:"version"`  // of a module of a registry
	Revision  string         `json:"revision"` // of a module in Git
	Variables map[string]any `json:"variables"`
	Outputs   []string       `json:"outputs"`
}

// WorkspaceName is the name of the object for a workspace. Where it is unique in the whole hub, it is the identifier.
func (e *Environment) WorkspaceName(name string) string {
	if e.Fleet.Targets.Crossplane.API == "claims" {
		return e.Workspaces[name].ID
	}
	return name
}

// ModuleFolder is where the module of a workspace lies in the fleet's own tree; "" where it lies elsewhere, or has a revision
// of its own.
func (e Environment) ModuleFolder(name string) string {
	source, _ := e.root.At("workspaces", name).Child("source").Data().(string)
	if !strings.HasPrefix(source, "./") || e.Workspaces[name].Revision != "" {
		return ""
	}
	return source
}

// completeWorkspaces fills in what follows from other fields: Source becomes the address as OpenTofu takes it.
func (e *Environment) completeWorkspaces() {
	for name, w := range e.Workspaces {
		w.ID = orElse(w.ID, e.ID+"-"+name)
		w.Variables, _ = e.root.At("workspaces", name).Child("variables").Data().(map[string]any)
		switch {
		case strings.HasPrefix(w.Source, "./"):
			w.Source = "git::" + getter(e.Fleet.Repository.URL) + "//" + e.Fleet.Repository.Within(w.Source) + "?ref=" + orElse(w.Revision, e.Fleet.Repository.Revision)
		case inGit(w.Source):
			w.Source = "git::" + w.Source + "?ref=" + w.Revision
		}
		e.Workspaces[name] = w
	}
}

// getter writes the short address of a repository over SSH as OpenTofu's downloader takes it.
func getter(url string) string {
	if rest, short := strings.CutPrefix(url, "git@"); short {
		return "ssh://git@" + strings.Replace(rest, ":", "/", 1)
	}
	return url
}

func inGit(source string) bool { return strings.Contains(source, "://") }

// workspaces reports modules of no certain version, and variables whose names mean something else.
func (c *checker) workspaces(e *Environment) {
	for _, name := range slices.Sorted(maps.Keys(e.Workspaces)) {
		if c.known("workspaces", name) {
			c.workspace(e.Workspaces[name], "workspaces", name)
		}
	}
}

func (c *checker) workspace(w Workspace, at ...string) {
	report := func(code finding.Code, message string, field ...string) {
		c.report(code, message, append(slices.Clip(at), field...)...)
	}
	source, _ := c.merged.Find(append(slices.Clip(at), "source")...).Data().(string)
	inRegistry := !inGit(source) && !strings.HasPrefix(source, "./")
	switch {
	case inRegistry && w.Version == "":
		report(finding.MissingField, `missing: allowed is the module's version, such as "5.8.1"`, "version")
	case inRegistry && w.Revision != "":
		report(finding.Inconsistent, fmt.Sprintf("found %s, but a module of a registry has no revision: it has a version", finding.Quote(w.Revision)), "revision")
	case !inRegistry && w.Version != "":
		report(finding.Inconsistent, fmt.Sprintf("found %s, but a module in Git has no version: it has a revision", finding.Quote(w.Version)), "version")
	case inGit(source) && w.Revision == "":
		report(finding.MissingField, "missing: allowed is a branch, tag or commit of the module's repository", "revision")
	}
	for _, name := range slices.Sorted(maps.Keys(w.Variables)) {
		if slices.Contains([]string{"source", "version", "providers", "count", "for_each", "depends_on", "lifecycle", "locals"}, name) {
			report(finding.NameTaken, fmt.Sprintf("found the name %s, which means something else to OpenTofu, allowed is any other", finding.Quote(name)), "variables", name)
		}
	}
}
