package bootstrap

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// resource is one block of our own files: each begins in the first column, and says first how often it is there.
var (
	resource  = regexp.MustCompile(`(?m)^resource "([a-z_]+)" "([a-z-]+)" \{\n(?:  (for_each|count) +=\s*(.*)\n)?`)
	ofInput   = regexp.MustCompile(`^var\.([a-z_]+)$`)
	ofList    = regexp.MustCompile(`"([^"]+)"`)
	ofFolder  = regexp.MustCompile(`^fileexists\("\$\{path\.module\}/([a-z/A-Z.]+)"\)`)
	ownBlocks = []string{"terraform_data"} // nothing comes of them
)

// resources lists what the files make, as OpenTofu addresses it.
func resources(files map[string][]byte, inputs map[string]any) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".tf") {
			continue
		}
		for _, match := range resource.FindAllSubmatch(files[name], -1) {
			kind, address, times := string(match[1]), string(match[1])+"."+string(match[2]), string(match[4])
			switch {
			case slices.Contains(ownBlocks, kind):
			case string(match[3]) == "count":
				if _, there := files[ofFolder.FindStringSubmatch(times)[1]]; there {
					found = append(found, address+"[0]")
				}
			case string(match[3]) == "for_each":
				for _, key := range keys(times, inputs) {
					found = append(found, fmt.Sprintf("%s[%q]", address, key))
				}
			default:
				found = append(found, address)
			}
		}
	}
	slices.Sort(found)
	return found
}

// keys are those that a resource is made for.
func keys(times string, inputs map[string]any) []string {
	if input := ofInput.FindStringSubmatch(times); input != nil {
		fields, _ := inputs[input[1]].(map[string]any)
		return slices.Sorted(maps.Keys(fields))
	}
	var found []string
	for _, item := range ofList.FindAllStringSubmatch(times, -1) {
		found = append(found, item[1])
	}
	return found
}
