package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// adoption is what a claim says of something that exists in the cloud already.
type adoption struct{ externalName, management string }

// AdoptedNames lists the names, in the cloud, of what the environment takes over.
func (e Environment) AdoptedNames() []string {
	var names []string
	for _, p := range e.adoptables() {
		if p.adopt != nil {
			names = append(names, p.adopt.ExternalName)
		}
	}
	return names
}

// CheckAdoption finds steps that an adoption may not take, by the objects that were rendered before: from looking on to
// managing there is one way, and no way back. known is false where nothing is known of what was rendered; file is where
// it stands.
func (e Environment) CheckAdoption(before []manifest.Object, known bool, file string) error {
	rendered := map[manifest.ID]adoption{}
	for _, object := range before {
		id := manifest.Identify(object)
		for _, kind := range e.Fleet.Claims.Kinds() {
			if kind.Kind == id.Kind && kind.APIVersion == id.APIVersion {
				rendered[id] = adoption{kind.Text(object, "externalName"), kind.Text(object, "management")}
			}
		}
	}
	var problems finding.Findings
	for _, p := range e.adoptables() {
		was, there := rendered[p.id]
		field, message := p.step(was, there, known)
		if message == "" {
			continue
		}
		path := append(slices.Clip(p.path), field...)
		problems = append(problems, finding.Finding{Code: finding.Adoption, Position: e.root.At(path...).Position, Path: finding.Tokens(path...), Message: strings.ReplaceAll(message, "FILE", file)})
	}
	return problems.Err()
}

// adoptable is a part of an environment that can be adopted, with the claim for it.
type adoptable struct {
	path  []string
	id    manifest.ID
	adopt *Adopt
}

func (e Environment) adoptables() []adoptable {
	if e.Cluster == nil {
		return nil
	}
	claim := func(kind claim.Kind, name string) manifest.ID {
		return manifest.ID{APIVersion: kind.APIVersion, Kind: kind.Kind, Namespace: e.Name, Name: name}
	}
	parts := []adoptable{{[]string{"cluster"}, claim(e.Fleet.Claims.Cluster, e.Name), e.Cluster.Adopt}}
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		parts = append(parts, adoptable{[]string{"databases", name}, claim(e.Fleet.Claims.Database, name), e.Databases[name].Adopt})
	}
	return parts
}

// step says which field of a part takes a step that it may not take, and why; nothing where all is well.
func (p adoptable) step(was adoption, there, known bool) (field []string, message string) {
	wasAdopted := was.externalName != ""
	switch {
	case p.adopt == nil && there && wasAdopted:
		return nil, fmt.Sprintf("found no adopt, allowed is %s as in FILE: without it the claim would make another one", finding.Quote(was.externalName))
	case p.adopt == nil:
	case there && !wasAdopted:
		return []string{"adopt"}, "must not be set: in FILE the claim has made an object of its own"
	case there && was.externalName != p.adopt.ExternalName:
		return []string{"adopt", "externalName"}, fmt.Sprintf("found %s, allowed is %s as in FILE: a claim does not take hold of something else",
			finding.Quote(p.adopt.ExternalName), finding.Quote(was.externalName))
	case there && was.management == "Full" && !p.adopt.Manage:
		return []string{"adopt", "manage"}, "cannot change from true to false (FILE has true): what is managed cannot become observed only"
	case known && !there && p.adopt.Manage:
		return []string{"adopt", "manage"}, "found true, allowed is false at first: render and merge it so, and set it to true when the claim is ready"
	}
	return nil, ""
}
