package check

import (
	"io/fs"
	"path"
	"time"

	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/crossplane/definitions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Fleet runs every check on what was rendered of a fleet. Orphans are looked for only where that is the whole fleet.
func Fleet(tree fs.FS, reader *schema.Reader, fleet *schema.Fleet, rendered []render.Rendered, now time.Time, whole bool) (finding.Findings, error) {
	all, err := together(tree, fleet, rendered, whole)
	if err != nil {
		return nil, err
	}
	set, err := shapes(reader, fleet, rendered)
	if err != nil {
		return nil, err
	}
	for _, r := range rendered {
		alone, err := plane(tree, fleet, r, set, now)
		if err != nil {
			return nil, err
		}
		all = append(all, alone...)
	}
	return all, nil
}

// together is what no plane shows alone.
func together(tree fs.FS, fleet *schema.Fleet, rendered []render.Rendered, whole bool) (finding.Findings, error) {
	var all finding.Findings
	if whole {
		orphans, err := Orphans(tree, fleet.Names())
		if err != nil {
			return nil, err
		}
		nameless, err := Nameless(tree, fleet.Names())
		if err != nil {
			return nil, err
		}
		all = append(append(all, orphans...), nameless...)
	}
	for _, f := range Planes(fleet, rendered) {
		f.Position = kustomize.Where(tree, path.Dir(f.File), f)
		all = append(all, f)
	}
	all = append(append(all, Accounts(fleet, rendered)...), Compositions(fleet, rendered)...)
	all = append(all, Needs(tree, fleet, rendered)...)
	idle, err := Patches(tree, rendered)
	if err != nil {
		return nil, err
	}
	changes, err := Changes(tree, fleet, rendered, whole)
	return append(append(all, idle...), changes...), err
}

// plane is what a plane shows by itself, with the spec that it is of.
func plane(tree fs.FS, fleet *schema.Fleet, r render.Rendered, set *crd.Set, now time.Time) (finding.Findings, error) {
	e := fleet.Environments[r.Environment]
	all := Waivers(e, now)
	if r.Plane == schema.Hub {
		all = append(append(all, Names(e)...), Networks(fleet, e)...)
		missing, err := Sources(tree, fleet, e)
		if err != nil {
			return nil, err
		}
		all = append(append(all, missing...), Lifetime(e, now)...)
	}
	all = append(append(all, Shapes(set, r)...), Rules(e, r)...)
	stale, err := UpToDate(tree, r)
	return append(all, stale...), err
}

// shapes are the kinds that Spokewright writes, its own claims in the generation that the fleet targets, and what the
// rendered hubs define themselves.
func shapes(reader *schema.Reader, fleet *schema.Fleet, rendered []render.Rendered) (*crd.Set, error) {
	var declarations []manifest.Object
	for _, r := range rendered {
		if fleet.Environments[r.Environment].Role == "hub" {
			declarations = append(declarations, r.Objects...)
		}
	}
	claims, err := crd.Own(ownKinds(reader, fleet.Config.Targets.Crossplane.API))
	if err != nil {
		return nil, err
	}
	declared, err := crd.Declared(declarations)
	if err != nil {
		return nil, finding.Wrong(finding.WrongValue, "%v", err)
	}
	return crd.Embedded().With(claims...).With(declared...), nil
}

// ownKinds declare Spokewright's claims in a generation of Crossplane's API: "claims" or "namespaced".
func ownKinds(reader *schema.Reader, api string) []manifest.Object {
	var declarations []manifest.Object
	for _, kind := range definitions.Kinds() {
		spec, status := reader.ClaimSpec(kind.Name), reader.ClaimStatus(kind.Name)
		if api == "claims" {
			declarations = append(declarations, kind.Claimed(spec, status))
		} else {
			declarations = append(declarations, kind.Namespaced(spec, status))
		}
	}
	return declarations
}
