package schema

import (
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
)

// images reports what Image Updater is known to break on.
func (c *checker) images(e *Environment, name string, app App) {
	switch {
	case app.Chart != "":
		c.report("found images of a chart of a chart repository, allowed are none: no Git file holds its tags; keep the chart in Git and give its path", "apps", name, "images")
		return
	case app.Type == "directory":
		c.report(`found images of an app of type "directory", allowed are none: Image Updater cannot write new tags into plain manifests`, "apps", name, "images")
		return
	case app.WriteTo == "kustomization" && app.Type != "kustomize":
		c.report(fmt.Sprintf(`found "kustomization", allowed is "parameters" for type %q`, app.Type), "apps", name, "writeTo")
	}
	aliases := map[string]string{}
	for _, alias := range slices.Sorted(maps.Keys(app.Images)) {
		image := app.Images[alias]
		if other, twice := aliases[image.Name]; twice {
			c.report(fmt.Sprintf("found the image %s as %q and as %q, allowed is one short name: two overwrite each other", clip(image.Name), clip(other), clip(alias)),
				"apps", name, "images", alias)
		}
		aliases[image.Name] = alias
		c.image(e, []string{"apps", name, "images", alias}, image)
	}
}

func (c *checker) image(e *Environment, path []string, image Image) {
	report := func(field, message string) { c.report(message, append(slices.Clip(path), field)...) }
	if image.Allow != "" {
		if _, err := regexp.Compile(image.Allow); err != nil {
			report("allow", fmt.Sprintf("found %s, allowed is a regular expression (%s)", quoted(image.Allow), clip(err.Error())))
			return
		}
	}
	if image.Strategy() == "digest" && image.Tag == "" {
		report("tag", `missing: allowed is the tag whose content "digest" follows, such as "stable"`)
	}
	if image.Strategy() != "digest" && image.Tag != "" {
		report("tag", fmt.Sprintf(`found %s, allowed is none: a tag is for follow: "digest"`, quoted(image.Tag)))
	}
	if !e.Class.ImmutableImages {
		return
	}
	mutable := image.Strategy() == "newest-build" || image.Strategy() == "alphabetical"
	if mutable && !narrow(image.Allow) {
		report("follow", fmt.Sprintf(`found %q, allowed in class %q is a version range, "digest", or this with an allow that names whole tags ("^...$") but not "latest"`,
			image.Follow, clip(e.Class.Name)))
	}
	if image.Strategy() == "digest" && image.Tag == "latest" {
		report("tag", fmt.Sprintf(`found "latest", allowed in class %q is a tag that stands for a release`, clip(e.Class.Name)))
	}
}

// narrow says whether a regular expression speaks of whole tags, and not of any.
func narrow(pattern string) bool {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || !anchored(parsed) {
		return false
	}
	return !regexp.MustCompile(pattern).MatchString("latest")
}

func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return anchored(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !anchored(sub) })
	case syntax.OpConcat:
		return re.Sub[0].Op == syntax.OpBeginText && re.Sub[len(re.Sub)-1].Op == syntax.OpEndText
	}
	return false
}
