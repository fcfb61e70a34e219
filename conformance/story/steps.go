package story

import "slices"

// Steps are the steps of the story in their order; moving, with environments that get other names and production that is
// taken down; killing, with what nobody hopes for at the end.
func Steps(moving, killing bool) []Step {
	steps := slices.Concat(birth(), refusals(), tags(), changes())
	if moving {
		trying, selling := names{preview, "review"}, names{"prod-west", "prod-north"}
		steps = slices.Concat(steps, moves(trying, selling), deaths(trying),
			[]Step{end("a production environment is taken down to its last object, in the order promised", selling)})
	} else {
		steps = append(steps, deaths(names{preview})...)
	}
	steps = append(steps, losses()...)
	if killing {
		steps = append(steps, thorough()...)
	}
	return steps
}

// Older are the steps that are told again of a fleet in the older generation of Crossplane's API: what claims are made,
// taken down and found again.
func Older() []Step {
	return slices.Concat(birth(), changes()[:1], deaths(names{preview}), losses())
}
