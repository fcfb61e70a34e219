package story

import "slices"

// Steps are the steps of the story in their order.
func Steps(thorough bool) []Step {
	return slices.Concat(birth(), refusals(), tags(), changes(), deaths(), losses())
}
