package schema

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// check reports what no single field shows: fields that do not fit each other, and names that would be too long.
func (e *Environment) check(user *node) Problems {
	c := &checker{user: user}
	c.cluster(e)
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		c.app(e, name)
	}
	c.names(e)
	return c.problems
}

type checker struct {
	user     *node
	problems Problems
}

func (c *checker) report(message string, path ...string) {
	c.problems = append(c.problems, Problem{c.user.at(path...).position, strings.Join(path, "."), message})
}

func (c *checker) cluster(e *Environment) {
	if e.Cluster == nil {
		return
	}
	if n := e.Cluster.Nodes; n.Min > n.Max {
		c.report(fmt.Sprintf("found min %d and max %d, allowed is a min up to the max", n.Min, n.Max), "cluster", "nodes")
	}
	if _, err := netip.ParsePrefix(e.Cluster.Network.CIDR); err != nil {
		c.report(fmt.Sprintf(`found %q, allowed is an address range such as "10.0.0.0/16"`, e.Cluster.Network.CIDR), "cluster", "network", "cidr")
	}
}

// app reports a source that is none, or two.
func (c *checker) app(e *Environment, name string) {
	app := e.Apps[name]
	switch {
	case app.Path == "" && app.Chart == "":
		c.report("missing: path (a folder in a repository) or chart (of a chart repository)", "apps", name)
	case app.Path != "" && app.Chart != "":
		c.report("found path and chart, allowed is one of them: a folder or a chart of a chart repository", "apps", name)
	case app.Chart != "" && app.Type != "helm":
		c.report(fmt.Sprintf(`found %q, allowed is "helm" for a chart`, app.Type), "apps", name, "type")
	case app.Chart != "" && app.Repository == "":
		c.report("missing: repository, the address of the chart repository", "apps", name)
	case app.Chart != "" && app.Version == "":
		c.report("missing: version, the chart's version", "apps", name)
	case app.Chart != "" && app.Revision != "":
		c.report("a chart has a version and no revision", "apps", name, "revision")
	case app.Chart == "" && app.Version != "":
		c.report("a folder has a revision; a version is for a chart of a chart repository", "apps", name, "version")
	case app.Values != nil && app.Type != "helm":
		c.report(`values are for type "helm"`, "apps", name, "values")
	case app.Recurse && app.Type != "directory":
		c.report(`recurse is for type "directory"`, "apps", name, "recurse")
	case len(app.Images) > 0:
		c.images(e, name, app)
	}
}

// images reports what Image Updater is known to break on.
func (c *checker) images(e *Environment, name string, app App) {
	if app.Chart != "" {
		c.report("images of a chart from a chart repository have no Git file that new tags could be written to: keep the chart in Git and give its path", "apps", name, "images")
		return
	}
	if app.Type == "directory" {
		c.report(`Image Updater cannot write new tags into plain manifests: allowed is type "kustomize" or "helm"`, "apps", name, "images")
		return
	}
	if app.WriteTo == "kustomization" && app.Type != "kustomize" {
		c.report(`found "kustomization" for a chart, allowed is "parameters"`, "apps", name, "writeTo")
	}
	aliases := map[string]string{}
	for _, alias := range slices.Sorted(maps.Keys(app.Images)) {
		image := app.Images[alias]
		if other, twice := aliases[image.Name]; twice {
			c.report(fmt.Sprintf("the image %s has two short names, %q and %q: they would overwrite each other; keep one", image.Name, other, alias),
				"apps", name, "images", alias)
		}
		aliases[image.Name] = alias
		c.image(e, []string{"apps", name, "images", alias}, image)
	}
}

func (c *checker) image(e *Environment, path []string, image Image) {
	field := func(name string) []string { return append(slices.Clip(path), name) }
	if image.Allow != "" {
		if _, err := regexp.Compile(image.Allow); err != nil {
			c.report(fmt.Sprintf("found %q, allowed is a regular expression: %v", image.Allow, err), field("allow")...)
		}
	}
	if image.Strategy() == "digest" && image.Tag == "" {
		c.report(`missing: tag, whose content "digest" follows`, path...)
	}
	if image.Strategy() != "digest" && image.Tag != "" {
		c.report(`a tag is for follow: "digest"`, field("tag")...)
	}
	if !e.Class.ImmutableImages {
		return
	}
	mutable := image.Strategy() == "newest-build" || image.Strategy() == "alphabetical"
	if mutable && !anchored(image.Allow) {
		c.report(fmt.Sprintf(`found %q, allowed in class %q is a version range, "digest", or this with an allow of the form "^...$": any tag could be pushed to production`,
			image.Follow, e.Class.Name), field("follow")...)
	}
	if image.Strategy() == "digest" && image.Tag == "latest" {
		c.report(fmt.Sprintf(`found "latest", allowed in class %q is a tag that stands for a release`, e.Class.Name), field("tag")...)
	}
}

func anchored(pattern string) bool {
	return strings.HasPrefix(pattern, "^") && strings.HasSuffix(pattern, "$")
}
