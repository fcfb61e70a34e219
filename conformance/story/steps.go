package story

import "slices"

// Steps are the steps of the story in their order.
func Steps(long bool) []Step {
	begin := slices.Concat(birth(), refusals(), tags(), changes())
	if !long {
		return slices.Concat(begin, deaths(names{preview}), losses())
	}
	trying, selling := names{preview, "review"}, names{"prod-west", "prod-north"}
	return slices.Concat(begin, moves(trying, selling), deaths(trying), []Step{end("a production environment is taken down to its last object, in the order promised", selling)},
		losses(), thorough())
}

// Older are the steps that are told again of a fleet in the older generation of Crossplane's API: what claims are made,
// taken down and found again.
func Older() []Step {
	return slices.Concat(birth(), changes()[:1], deaths(names{preview}), losses())
}
