package likeness

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/word"
	"spokewright.dev/spokewright/schema"
)

// names are those by which an environment is called: its own, its id, its network's range, and what follows from them.
type names struct {
	place *regexp.Regexp // a path or a host
	cidr  string
	ids   []alias // of its databases and workspaces, and what it adopts; long ones first
}

// alias is a name and what stands for it.
type alias struct{ name, word string }

func namesOf(e schema.Environment, other string) names {
	name := regexp.QuoteMeta(e.Name)
	n := names{place: regexp.MustCompile(`(^|/)([^/. ]*-)?` + name + `(/|\.[a-z]|$)|\.` + name + `\.`)}
	ids := map[string]string{}
	add := func(id, name string) {
		if id != "" {
			ids[id] = name
		}
	}
	for name, database := range e.Databases {
		add(database.ID, "<env>-"+name)
		if database.Adopt != nil {
			add(database.Adopt.ExternalName, "<adopted>")
		}
	}
	for name, workspace := range e.Workspaces {
		add(workspace.ID, "<env>-"+name)
	}
	if e.Cluster != nil {
		n.cidr = e.Cluster.Network.CIDR
		if e.Cluster.Adopt != nil {
			add(e.Cluster.Adopt.ExternalName, "<adopted>")
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(ids), func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) }) {
		n.ids = append(n.ids, alias{id, ids[id]})
	}
	n.ids = append(n.ids, alias{e.ID, "<env>"}, alias{e.Name, "<env>"}, alias{other, "<other>"})
	return n
}

// normal is a text in which the environment's names stand for themselves.
func (n names) normal(text string) string {
	if n.cidr != "" {
		text = strings.ReplaceAll(text, n.cidr, "<network>")
	}
	for _, name := range n.ids {
		text = word.Replace(text, name.name, name.word)
	}
	return text
}

// isPlaceOf says whether a text is a path or a host of this environment's own.
func (n names) isPlaceOf(text string) bool { return n.place.MatchString(text) }
