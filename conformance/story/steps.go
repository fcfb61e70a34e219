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
