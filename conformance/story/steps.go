package story

import "slices"

// Steps are the steps of the story in their order.
func Steps(long bool) []Step {
	steps := slices.Concat(birth(), refusals(), tags(), changes(), deaths(), losses())
	if long {
		steps = append(steps, thorough()...)
	}
	return steps
}

// Older are the steps that are told again of a fleet in the older generation of Crossplane's API: what claims are made,
// taken down and found again.
func Older() []Step { return slices.Concat(birth(), changes()[:1], deaths(), losses()) }
