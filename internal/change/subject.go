package change

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// standing is what an object is to people who declare something of it.
type standing struct {
	// subject is what a declaration names to mean the object and nothing more: the thing of the spec that it is, or itself.
	subject string
	// part is the thing of the spec that it is a part of and is called after; the subject where there is none.
	part string
	// owners are the things that it is there for: it goes with all of one of these lists.
	owners [][]string
}

// standsAs is the standing of an object that is a part of no other thing.
func standsAs(subject string, owners ...[]string) standing { return standing{subject, subject, owners} }

// standing finds what an object is there for.
func (s side) standing(p *placed) standing {
	if subject := s.ofClaim(p.Object.Object, p.namespace); subject != "" {
		return standsAs(subject, p.owners...)
	}
	switch {
	case p.application != "": // none of ours, whatever it is called
		return standsAs(p.itself(), p.owners...)
	case p.kind == "Usage" || p.kind == "ClusterUsage":
		protected := s.ofUsage(p)
		return standing{p.itself(), protected, [][]string{{protected}}}
	case p.kind == "ApplicationSet" && p.name == p.environment+"-apps":
		return standsAs("sets/"+p.name, s.things(p.environment, "apps", nil))
	case p.kind == "ApplicationSet" && isAddonSet(p.name, p.environment):
		return standsAs("sets/"+p.name, s.things(p.environment, "addons", func(e schema.Environment, name string) bool { return e.Addons[name].Enabled }))
	case p.kind == "Application" || p.kind == "ApplicationSet":
		return standsAs(s.ofApplication(p))
	case p.kind == "Namespace":
		return s.ofNamespace(p)
	case isPolicy(p.id):
		return standsAs("rules/" + ruleOf(p))
	case p.kind == "ExternalSecret" || p.kind == "ClusterSecretStore" || p.kind == "SecretStore" || p.kind == "ServiceAccount":
		return s.ofCredentials(p)
	case (p.kind == "Role" || p.kind == "RoleBinding") && p.name == "spokewright-registration":
		return standsAs("registration")
	case p.kind == "ImageUpdater":
		return standsAs(p.itself(), s.things(p.environment, "apps", func(e schema.Environment, name string) bool { return len(e.Apps[name].Images) > 0 }))
	}
	return standsAs(p.itself())
}

// itself is the object as its own subject.
func (p *placed) itself() string {
	if p.namespace == "" {
		return p.kind + "/" + p.name
	}
	return p.kind + "/" + p.namespace + "/" + p.name
}

// claims are the kinds that claims have on a side; Spokewright's own where its specs cannot be read.
func (s side) claims() claim.Claims {
	if s.Fleet != nil && s.Fleet.Config != nil && s.Fleet.Config.Claims.Cluster.Kind != "" {
		return s.Fleet.Config.Claims
	}
	own := func(kind string) claim.Kind {
		return claim.Kind{APIVersion: "platform.spokewright.dev/v1alpha1", Kind: kind}
	}
	return claim.Claims{Cluster: own("Cluster"), Database: own("Database"), Network: own("Network"), NodePool: own("NodePool"), Peering: own("Peering")}
}

// claimOf is what Spokewright calls the kind of a claim, and the fleet's kind for it.
func (s side) claimOf(id manifest.ID) (name string, kind claim.Kind, is bool) {
	claims := s.claims()
	for _, name := range claim.ClaimNames() {
		if kind, there := claims.Of(name); there && kind.Kind == id.Kind && kind.Group() == id.Group() {
			return name, kind, true
		}
	}
	return "", claim.Kind{}, false
}

// addon is one of an environment; with nothing in it where that is not known.
func (s side) addon(environment, name string) schema.Addon {
	e, _ := s.environment(environment)
	return e.Addons[name]
}

// ofClaim is the subject of a claim or a workspace, empty for other objects.
func (s side) ofClaim(object manifest.Object, environment string) string {
	id := manifest.Identify(object)
	name, _, is := s.claimOf(id)
	switch {
	case !is && isWorkspace(id):
		if labelled := manifest.TextAt(object, "metadata", "labels", environmentLabel); environment == "" {
			environment = labelled
		}
		return "workspaces/" + strings.TrimPrefix(id.Name, environment+".")
	case !is:
		return ""
	case name == "Database":
		return "databases/" + id.Name
	case name == "NodePool":
		return "pools/" + id.Name
	}
	return strings.ToLower(name)
}

func isWorkspace(id manifest.ID) bool {
	return id.Kind == "Workspace" && (id.Group() == "opentofu.m.upbound.io" || id.Group() == "opentofu.upbound.io")
}

const environmentLabel = "spokewright.dev/environment"

// ofUsage is the subject of what a Usage protects.
func (s side) ofUsage(p *placed) string {
	of := p.Object.Object
	kind, name := manifest.TextAt(of, "spec", "of", "kind"), manifest.TextAt(of, "spec", "of", "resourceRef", "name")
	if name == "" {
		name = manifest.TextAt(of, "spec", "of", "resourceSelector", "matchLabels", "crossplane.io/claim-name")
	}
	claims := s.claims()
	for _, our := range claim.ClaimNames() {
		switch theirs, there := claims.Of(our); {
		case !there || theirs.Kind != kind && theirs.Composite != kind && "X"+theirs.Kind != kind:
		case our == "Database":
			return "databases/" + name
		case our == "NodePool":
			return "pools/" + name
		default:
			return strings.ToLower(our)
		}
	}
	if kind == "Workspace" {
		return "workspaces/" + strings.TrimPrefix(name, p.environment+".")
	}
	return p.itself()
}

// ofApplication is the app, the addon or the environment that an Application runs; a set is its own.
func (s side) ofApplication(p *placed) string {
	if p.kind == "ApplicationSet" {
		return "sets/" + p.name
	}
	if environment, is := strings.CutSuffix(p.name, "-hub"); is && manifest.TextAt(p.Object.Object, "spec", "project") == "fleet" {
		return "environments/" + environment
	}
	environment := p.environment
	if label := manifest.TextAt(p.Object.Object, "metadata", "labels", environmentLabel); label != "" {
		environment = label
	}
	part, ours := strings.CutPrefix(p.name, environment+"-")
	switch {
	case !ours:
	case p.Set == environment+"-apps":
		return "apps/" + part
	case isAddonSet(p.Set, environment):
		return "addons/" + part
	}
	return p.itself()
}

// isAddonSet says whether a set is one of those of an environment's addons.
func isAddonSet(set, environment string) bool {
	order, is := strings.CutPrefix(set, environment+"-addons")
	return is && (order == "" || len(order) == 2 && order[0] == '-' && '1' <= order[1] && order[1] <= '9')
}

// ofNamespace are the apps and addons that a namespace is there for; it is a part of one that has it alone.
func (s side) ofNamespace(p *placed) standing {
	own := "namespaces/" + p.name
	e, known := s.environment(p.environment)
	if _, asked := e.Namespaces[p.name]; asked || p.plane == schema.Hub {
		return standsAs(own)
	}
	if !known {
		return partOfOne(own, s.runningIn(p.environment, p.name))
	}
	apps := s.things(p.environment, "apps", func(e schema.Environment, name string) bool { return e.Apps[name].Namespace == p.name })
	addons := s.things(p.environment, "addons", func(e schema.Environment, name string) bool {
		return e.Addons[name].Enabled && slices.Contains(e.Addons[name].Namespaces(), p.name)
	})
	return partOfOne(own, slices.Concat(apps, addons))
}

// partOfOne is the standing of what several things share, or one has alone.
func partOfOne(subject string, things []string) standing {
	if len(things) == 1 {
		return standing{subject, things[0], [][]string{things}}
	}
	return standsAs(subject, things)
}

// ofCredentials is what External Secrets reads: the registration of a cluster, or the databases that apps use.
func (s side) ofCredentials(p *placed) standing {
	if p.plane == schema.Hub && p.name == "cluster-"+p.environment {
		return standsAs("registration", []string{"cluster"})
	}
	database, credentials := strings.CutSuffix(p.name, "-database")
	if e, known := s.environment(p.environment); p.plane == schema.Spoke && known {
		uses := func(e schema.Environment, name string) bool {
			app := e.Apps[name]
			return app.Namespace == p.namespace && slices.Contains(app.Databases, database)
		}
		if _, there := e.Databases[database]; credentials && there && p.kind == "ExternalSecret" {
			return standing{p.itself(), "databases/" + database, [][]string{{"databases/" + database}, s.things(p.environment, "apps", uses)}}
		}
		if p.kind == "ClusterSecretStore" && p.name == p.environment || p.name == "spokewright-databases" {
			user := func(e schema.Environment, name string) bool { return len(e.Apps[name].Databases) > 0 }
			return standsAs(p.itself(), s.things(p.environment, "databases", nil), s.things(p.environment, "apps", user))
		}
	}
	if _, known := s.environment(p.environment); p.plane == schema.Spoke && !known && p.kind == "ExternalSecret" && credentials {
		return standing{p.itself(), "databases/" + database, [][]string{{"databases/" + database}, s.runningIn(p.environment, p.namespace)}}
	}
	return standsAs(p.itself())
}

// asksFor says whether a side has a thing of an environment, by its spec or by an object that is the thing.
func (s side) asksFor(environment, thing string) bool {
	if slices.ContainsFunc(s.of[environment], func(p *placed) bool { return p.subject == thing }) {
		return true
	}
	e, _ := s.environment(environment)
	sort, name, _ := strings.Cut(thing, "/")
	var there bool
	switch sort {
	case "apps":
		_, there = e.Apps[name]
	case "databases":
		_, there = e.Databases[name]
	case "pools":
		if e.Cluster != nil {
			_, there = e.Cluster.Nodes.Pools[name]
		}
	case "workspaces":
		_, there = e.Workspaces[name]
	case "addons":
		there = e.Addons[name].Enabled
	case "cluster", "network":
		there = e.Cluster != nil
	case "peering":
		_, there = e.Peering()
	}
	return there
}

// runningIn are the apps and addons whose Applications run in a namespace, for a side whose specs are not known.
func (s side) runningIn(environment, namespace string) []string {
	var found []string
	for _, p := range s.list {
		if p.environment == environment && p.kind == "Application" && manifest.TextAt(p.Object.Object, "spec", "destination", "namespace") == namespace {
			found = append(found, s.ofApplication(p))
		}
	}
	return found
}

// things are the subjects of an environment of one sort for which a test holds.
func (s side) things(environment, sort string, test func(e schema.Environment, name string) bool) []string {
	e, known := s.environment(environment)
	if !known {
		return nil
	}
	names := map[string][]string{
		"apps": slices.Sorted(maps.Keys(e.Apps)), "databases": slices.Sorted(maps.Keys(e.Databases)), "addons": slices.Sorted(maps.Keys(e.Addons)),
	}[sort]
	var found []string
	for _, name := range names {
		if test == nil || test(e, name) {
			found = append(found, sort+"/"+name)
		}
	}
	return found
}
