package mutability

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/crossplane/definitions"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// fields are what a person can change in a claim or a workspace, by kind.
func fields(t *testing.T) map[string][]string {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	all := map[string][]string{"Workspace": leaves(reflect.TypeFor[schema.Workspace](), "")}
	for _, kind := range claim.ClaimNames() {
		all[kind] = claim.Leaves(reader.ClaimSpec(kind), "")
	}
	return all
}

// leaves are the fields of a typed spec that have no fields themselves, by their names in CUE.
func leaves(typed reflect.Type, prefix string) []string {
	var names []string
	for i := range typed.NumField() {
		field := typed.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case !field.IsExported():
		case inner.Kind() == reflect.Struct && (field.Anonymous || name == ""):
			names = append(names, leaves(inner, prefix)...)
		case inner.Kind() == reflect.Struct:
			names = append(names, leaves(inner, prefix+name+".")...)
		default:
			names = append(names, prefix+name)
		}
	}
	slices.Sort(names)
	return names
}

// Each field of each claim has one entry for each cloud, and no entry speaks of a field that is not there.
func TestEveryFieldHasAnEntryForEachCloud(t *testing.T) {
	want, got := map[string]int{}, map[string]int{}
	for kind, fields := range fields(t) {
		for _, field := range fields {
			for _, cloud := range Clouds() {
				want[fmt.Sprintf("%s.%s on %s", kind, field, cloud)] = 1
			}
		}
	}
	for _, entry := range Entries() {
		for _, cloud := range entry.Clouds {
			got[fmt.Sprintf("%s.%s on %s", entry.Kind, entry.Field, cloud)]++
		}
	}
	for name := range want {
		assert.Equal(t, 1, got[name], "entries for %s", name)
	}
	for name := range got {
		assert.Contains(t, want, name, "an entry for what is no field")
	}
}

// What an environment says of a cluster or a database reaches the claim under the same name, but for these.
func TestTheEnvironmentsFieldsAreBehindTheClaims(t *testing.T) {
	elsewhere := map[string]string{
		"adopt.externalName": "externalName",
		"adopt.manage":       "management",
		"network.peers":      "", // a check alone reads it
		"network.joinHub":    "", // it has a claim of its own
		"nodes.pools":        "", // they have claims of their own
		"-":                  "", // it follows from others
	}
	all := fields(t)
	for kind, typed := range map[string]reflect.Type{"Cluster": reflect.TypeFor[schema.Cluster](), "Database": reflect.TypeFor[schema.Database](), "NodePool": reflect.TypeFor[schema.Pool]()} {
		for _, field := range leaves(typed, "") {
			name, other := elsewhere[field]
			if !other {
				name = field
			}
			if name != "" {
				assert.Contains(t, all[kind], name, "%s of an environment's %s", field, kind)
			}
		}
	}
}

// Each case says what happens, what to do where something must be done, and where that was read; the last one always holds.
func TestEveryCaseIsWhole(t *testing.T) {
	at := regexp.MustCompile(`^https://[a-z.]+/[^ ]+$`)
	for _, entry := range Entries() {
		name := entry.Kind + "." + entry.Field
		require.NotEmpty(t, entry.Cases, name)
		for i, c := range entry.Cases {
			last := i == len(entry.Cases)-1
			assert.Equal(t, last, c.When.of == nil, "%s, case %d: the last case holds always, and it alone", name, i)
			assert.Equal(t, c.When.of == nil, c.When.Says == "", name)
			assert.NotEmpty(t, c.Why, name)
			assert.Equal(t, c.Effect == Recreate || c.Effect == Refused, c.Instead != "", "%s: what is refused or made anew has another way", name)
			require.NotEmpty(t, c.Sources, "%s, case %d: where was that read?", name, i)
			for _, source := range c.Sources {
				assert.NotEmpty(t, source.Says, name)
				assert.Equal(t, source.CRD == "", source.Field == "", name)
				assert.NotEqual(t, source.CRD == "", source.Report == "", "%s: a definition's field or a page", name)
				if source.Report != "" {
					assert.Regexp(t, at, source.Report, name)
				}
			}
		}
	}
}

// named are fields that name, place and label what is composed. They go into all of it.
func named(field string) bool {
	return slices.Contains([]string{"id", "account", "region", "environment", "names", "management", "cloud"}, field)
}

// The entries list what the compositions do with each field, for what is made and for what was adopted.
func TestEntriesFeedWhatCompositionsFeed(t *testing.T) {
	composed := map[string]map[string][]string{"created": {}, "adopted": {}}
	files, err := compositions.Make(compositions.Namespaced)
	require.NoError(t, err)
	for _, objects := range files {
		for _, composition := range objects {
			labels, _ := manifest.MapAt(composition, "metadata", "labels")
			origin, _ := labels["spokewright.dev/origin"].(string)
			if origin == "" {
				origin = "created" // a network, a pool of nodes or a peering
			}
			kind := manifest.TextAt(composition, "spec", "compositeTypeRef", "kind")
			for field, feeds := range feeds(t, composition) {
				key := fmt.Sprintf("%s.%s on %s", kind, field, labels["spokewright.dev/cloud"])
				composed[origin][key] = append(composed[origin][key], feeds...)
			}
		}
	}
	for _, entry := range Entries() {
		if named(entry.Field) || entry.Kind == "Workspace" {
			continue
		}
		for _, cloud := range entry.Clouds {
			key := fmt.Sprintf("%s.%s on %s", entry.Kind, entry.Field, cloud)
			made, found := unique(composed["created"][key]), unique(composed["adopted"][key])
			if entry.Field == "externalName" {
				made = found
			}
			assert.Equal(t, unique(entry.Feeds), made, "%s", key)
			// No network, pool or peering is adopted, and deletion is what Crossplane may do with all that is composed.
			if entry.Kind != "Network" && entry.Kind != "NodePool" && entry.Kind != "Peering" && entry.Field != "deletion" {
				assert.Equal(t, entry.Left, len(made) > 0 && len(found) == 0, "%s: left where it was adopted?", key)
			}
		}
	}
}

func unique(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// feeds are the fields of managed resources that a composition writes, by the field of the composite that they come from.
func feeds(t *testing.T, composition manifest.Object) map[string][]string {
	t.Helper()
	into := map[string][]string{}
	list := regexp.MustCompile(`\[[0-9]+\].*$`)
	for _, step := range manifest.MapsAt(composition, "spec", "pipeline") {
		kept := map[string][]string{}
		for _, patch := range manifest.MapsAt(step, "input", "environment", "patches") {
			kept[manifest.TextAt(patch, "toFieldPath")] = sources(patch)
		}
		for _, resource := range manifest.MapsAt(step, "input", "resources") {
			kind := manifest.TextAt(resource, "base", "kind")
			for _, patch := range manifest.MapsAt(resource, "patches") {
				from := sources(patch)
				if patch["type"] == "FromEnvironmentFieldPath" {
					from = kept[manifest.TextAt(patch, "fromFieldPath")]
				}
				to, isField := strings.CutPrefix(manifest.TextAt(patch, "toFieldPath"), "spec.forProvider")
				if !isField {
					to, isField = strings.CutPrefix(manifest.TextAt(patch, "toFieldPath"), "spec.")
					to, isField = "."+to, isField && kind == "PushSecret"
				}
				for _, path := range from {
					if field, ofSpec := strings.CutPrefix(path, "spec."); ofSpec && isField {
						field = list.ReplaceAllString(field, "")
						into[field] = append(into[field], kind+to)
					}
				}
			}
		}
	}
	return into
}

// sources are the fields of the composite that a patch reads.
func sources(patch map[string]any) []string {
	var from []string
	switch patch["type"] {
	case "FromCompositeFieldPath":
		from = []string{manifest.TextAt(patch, "fromFieldPath")}
	case "CombineFromComposite":
		for _, variable := range manifest.MapsAt(patch, "combine", "variables") {
			from = append(from, manifest.TextAt(variable, "fromFieldPath"))
		}
	}
	return from
}

// What the hub's API refuses of what Crossplane manages is refused here too.
func TestWhatTheHubRefusesOfManagedThingsIsRefused(t *testing.T) {
	for _, kind := range definitions.Kinds() {
		for _, rule := range kind.Rules {
			if rule.OfManaged == "" {
				continue
			}
			for _, cloud := range Clouds() {
				down := map[string]map[string][2]any{"Cluster": {"version": {"1.35", "1.34"}}, "Database": {"version": {"17", "16"}, "storageGB": {200, 100}}}[kind.Name][rule.OfManaged]
				spec := func(value any, management string) map[string]any {
					return map[string]any{rule.OfManaged: value, "engine": "postgres", "management": management}
				}
				verdict, known := Judge(kind.Name, cloud, rule.OfManaged, spec(down[0], "Full"), spec(down[1], "Full"))
				require.True(t, known)
				assert.Equal(t, Refused, verdict.Effect, "%s.%s on %s", kind.Name, rule.OfManaged, cloud)
				// What is managed for the first time is described as it is, whatever the class said of it before.
				verdict, _ = Judge(kind.Name, cloud, rule.OfManaged, spec(down[0], "Observe"), spec(down[1], "Full"))
				assert.Equal(t, InPlace, verdict.Effect, "%s.%s on %s", kind.Name, rule.OfManaged, cloud)
			}
		}
	}
}

// What a claim shapes of what it adopted must be described before it is managed: all that the compositions for it read, but
// for what is said with every claim.
func TestWhatAnAdoptionShapesIsDescribed(t *testing.T) {
	said := []string{"deletion", "engine", "externalName"}
	for _, kind := range []string{"Cluster", "Database"} {
		for _, cloud := range Clouds() {
			var shaped []string
			for _, entry := range Entries() {
				if entry.Kind == kind && slices.Contains(entry.Clouds, cloud) && len(entry.Feeds) > 0 && !entry.Left && !slices.Contains(said, entry.Field) && !named(entry.Field) {
					shaped = append(shaped, entry.Field)
				}
			}
			slices.Sort(shaped)
			want := schema.Described(cloud, kind)
			slices.Sort(want)
			assert.Equal(t, want, shaped, "%s on %s", kind, cloud)
		}
	}
}

// What the API server of the hub refuses for ever is made anew or refused here too, whatever the cloud would do.
func TestWhatTheHubRefusesIsNeverTakenInPlace(t *testing.T) {
	byHub := map[string]bool{}
	for _, entry := range Entries() {
		for _, c := range entry.Cases {
			if c.ByHub {
				byHub[entry.Kind+"."+entry.Field] = true
			}
		}
	}
	want := map[string]bool{}
	for _, kind := range definitions.Kinds() {
		for _, rule := range kind.Rules {
			switch {
			case !strings.Contains(rule.Expression, "oldSelf"), rule.OfManaged != "", rule.OfNew: // these are judged by cases of their own
			case rule.Field == "" && strings.Contains(rule.Expression, "gpu"): // what it is made of has rules of its own
			case rule.Field == "": // of a field that may be left out, which the message begins with
				field, _, _ := strings.Cut(rule.Message, " ")
				want[kind.Name+"."+field] = true
			default:
				want[kind.Name+"."+rule.Field] = true
			}
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(byHub)))
}

// Of Spokewright's own definitions, a source names a field that is there.
func TestSourcesOfOurOwnAreFields(t *testing.T) {
	all := fields(t)
	for _, entry := range Entries() {
		for _, c := range entry.Cases {
			for _, source := range c.Sources {
				if plural, ours := strings.CutSuffix(source.CRD, "."+definitions.Group); ours {
					assert.Equal(t, strings.ToLower(entry.Kind)+"s", plural)
					assert.Contains(t, all[entry.Kind], source.Field, "a source of %s.%s", entry.Kind, entry.Field)
				}
			}
		}
	}
}
