package lifecycle

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/word"
	"spokewright.dev/spokewright/schema"
)

// calling puts the name of one environment in the place of another's.
type calling struct {
	from, to string
	others   []string          // that there are, whose names may end like it
	derived  map[string]string // names that follow from it, with what they become
}

// called is how what was made for one environment names another.
func called(from, to schema.Environment, others []string) calling {
	c := calling{from.Name, to.Name, others, map[string]string{}}
	for _, d := range from.ReservedNames() {
		fresh := ""
		switch {
		case d.Name == from.Name:
			continue
		case d.Cloud && strings.HasPrefix(d.Name, from.ID):
			fresh = to.ID + strings.TrimPrefix(d.Name, from.ID)
		case strings.HasPrefix(d.Name, from.Name+"-"), strings.HasPrefix(d.Name, from.Name+"."):
			fresh = to.Name + strings.TrimPrefix(d.Name, from.Name)
		case d.Name == "cluster-"+from.Name:
			fresh = "cluster-" + to.Name
		}
		if fresh != "" {
			c.derived[d.Name] = fresh
		}
	}
	return c
}

// path renames the environment where it is a segment of a path, or ends one behind a dash: apps/shop/staging,
// charts/shop-staging, values-staging.yaml. Domains and words in sentences are left alone.
func (c calling) path(text string) string {
	segments := strings.Split(text, "/")
	for i, segment := range segments {
		extension := path.Ext(segment)
		if !slices.Contains([]string{".yaml", ".yml", ".json", ".tfvars"}, extension) {
			extension = ""
		}
		stem := strings.TrimSuffix(segment, extension)
		before, ends := strings.CutSuffix(stem, "-"+c.from)
		switch {
		case stem == c.from:
			segments[i] = c.to + extension
		case ends && !slices.Contains(c.others, stem) && !strings.ContainsAny(before, ". "):
			segments[i] = before + "-" + c.to + extension
		}
	}
	return strings.Join(segments, "/")
}

// mentions says whether a text names the environment as a word of its own, other than as the end of a domain.
func (c calling) mentions(text string) bool { return word.Alone(text, c.from) }

// overlay is the text of an overlay's file for the other environment: where the name stands for the environment, and names
// that follow from it.
func (c calling) overlay(text string) string {
	quoted := regexp.QuoteMeta(c.from)
	text = regexp.MustCompile(`\b(environments|overlays|golden)/`+quoted+`(\.cue|\.names\.cue|/|["'\s,}\]])`).ReplaceAllString(text, "${1}/"+c.to+"${2}")
	text = regexp.MustCompile(`(?m)((?:^|[\s{,])(?:name|namespace|environment|"?spokewright\.dev/environment"?)[ \t]*:[ \t]*["']?)`+quoted+`(["']?[ \t]*(?:[,}#\n]|$))`).ReplaceAllString(text, "${1}"+c.to+"${2}")
	return regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._-]*`).ReplaceAllStringFunc(text, func(name string) string {
		if fresh, is := c.derived[name]; is {
			return fresh
		}
		return name
	})
}
