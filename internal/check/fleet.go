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
	all = append(all, Accounts(fleet, rendered)...)
	all = append(all, Needs(tree, fleet, rendered)...)
	idle, err := Patches(tree, rendered)
	if err != nil {
		return nil, err
	}
	all = append(all, idle...)
	changes, err := Changes(tree, fleet, rendered, whole)
	if err != nil {
		return nil, err
	}
	all = append(all, changes...)
	set, err := shapes(reader, fleet, rendered)
	if err != nil {
		return nil, err
	}
	for _, r := range rendered {
		all = append(all, Waivers(fleet.Environments[r.Environment], now)...)
		if r.Plane == schema.Hub {
			all = append(all, Names(fleet.Environments[r.Environment])...)
			all = append(all, Networks(fleet, fleet.Environments[r.Environment])...)
			missing, err := Sources(tree, fleet, fleet.Environments[r.Environment])
			if err != nil {
				return nil, err
			}
			all = append(all, missing...)
			all = append(all, Lifetime(fleet.Environments[r.Environment], now)...)
		}
		all = append(all, Shapes(set, r)...)
		all = append(all, Rules(fleet.Environments[r.Environment], r)...)
		stale, err := UpToDate(tree, r)
		if err != nil {
			return nil, err
		}
		all = append(all, stale...)
	}
	return all, nil
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
