// Package mutability says what each cloud makes of a change of a claim: takes it in place, later, by replacing what runs, or
// not at all. It is data, by claim, cloud and field, for what Spokewright's own compositions make of a claim, each with its
// source. Whether a protection goes with the change, and who must have declared what, is not its concern.
package mutability

import (
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Effect is what becomes of a change.
type Effect string

// The effects, from the harmless to the worst. They are called as the classes of changes are.
const (
	InPlace  Effect = "in place" // taken over where it runs, perhaps with a restart; also where nothing reads the field
	Delayed  Effect = "delayed"  // taken over in the next maintenance window
	Recreate Effect = "recreate" // what runs would have to be made anew
	Refused  Effect = "refused"  // the cloud, the provider or the hub's API does not take it
)

// Entry is what one or more clouds make of a change of a field.
type Entry struct {
	Kind   string // "Network", "Cluster", "NodePool", "Peering", "Database" or "Workspace"
	Field  string // of the claim's spec, such as "nodes.size"; of the environment's, for a workspace
	Clouds []string
	// Feeds are the fields that get it, as the compositions have them: the kind of the managed resource and its path below
	// forProvider. What names, places and labels all of them (id, region, environment) is not listed.
	Feeds []string
	// Left says that what was adopted keeps it as it was found.
	Left bool
	// Cases are looked at in their order; the last one always holds.
	Cases []Case
}

// Case is what happens where a condition holds.
type Case struct {
	When   Condition
	Effect Effect
	// Why says what happens and who does it; Instead what to do, where something must be done.
	Why, Instead string
	// ByHub says that the hub's API refuses it, whatever the cloud would do.
	ByHub   bool
	Sources []Source
}

// Source is where a fact was read.
type Source struct {
	// CRD and Field are a definition and the field whose text says it.
	CRD, Field string
	// Report is a public report, page or source file, where no definition says it.
	Report string
	// Says is the fact, in own words.
	Says string
}

// At is where it was read: a page, or a definition and its field.
func (s Source) At() string {
	if s.CRD == "" {
		return s.Report
	}
	return s.CRD + ", " + s.Field
}

// ReadOn is the day on which all sources were last read.
const ReadOn = "2026-11-28"

// Sources are those of all cases of an entry.
func (e Entry) Sources() []Source {
	var all []Source
	for _, c := range e.Cases {
		for _, source := range c.Sources {
			if !slices.Contains(all, source) {
				all = append(all, source)
			}
		}
	}
	return all
}

// Verdict is what becomes of one change.
type Verdict struct {
	Effect       Effect
	Why, Instead string
	Sources      []Source
}

// Entries is the table.
func Entries() []Entry {
	return slices.Concat(networks(), clusters(), pools(), peerings(), databases(), workspaces())
}

// Clouds are the clouds that the table knows.
func Clouds() []string { return []string{"aws", "azure", "gcp"} }

// Judge says what a cloud makes of a change of a field of a claim. before and after are the spec of the claim, of
// Spokewright's own kind; of a workspace, what the environment says of it. known is false for a field that is not of the claim.
func Judge(kind, cloud, field string, before, after map[string]any) (verdict Verdict, known bool) {
	for _, entry := range Entries() {
		if entry.Kind == kind && entry.Field == field && slices.Contains(entry.Clouds, cloud) {
			return entry.judge(before, after), true
		}
	}
	return Verdict{}, false
}

func (e Entry) judge(before, after map[string]any) Verdict {
	for _, c := range e.Cases {
		if !c.When.holds(e.Field, before, after) {
			continue
		}
		switch {
		case c.ByHub:
		case text(after, "management") == "Observe":
			return Verdict{Effect: InPlace, Why: "it is only looked at: nothing is changed in the cloud", Sources: c.Sources}
		case text(before, "management") == "Observe":
			return Verdict{Effect: InPlace, Why: "it was only looked at: nothing is changed in the cloud where it is described as it is", Sources: c.Sources}
		case e.Left && isAdopted(after):
			return Verdict{Effect: InPlace, Why: "what was adopted keeps it as it was found", Sources: c.Sources}
		}
		return Verdict{c.Effect, c.Why, c.Instead, c.Sources}
	}
	return Verdict{Effect: InPlace}
}

// isAdopted says whether a claim is for something that existed before it.
func isAdopted(spec map[string]any) bool { return text(spec, "externalName") != "" }

func get(spec map[string]any, field string) any {
	value, _ := manifest.Get(spec, strings.Split(field, ".")...)
	return value
}

func text(spec map[string]any, field string) string {
	value, _ := get(spec, field).(string)
	return value
}

// definition is a fact that the definition of a managed resource says of one of its fields.
func definition(crd, field, says string) Source { return Source{CRD: crd, Field: field, Says: says} }

// report is a fact of a public page.
func report(url, says string) Source { return Source{Report: url, Says: says} }

// What several entries rest on.
const (
	upjet        = "https://github.com/crossplane/upjet/blob/main/pkg/controller/external_tfpluginsdk.go"
	upjetLate    = "https://github.com/crossplane/upjet/blob/main/pkg/config/resource.go"
	terraformAWS = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/"
	terraformGCP = "https://github.com/hashicorp/terraform-provider-google/blob/main/google/services/"
	terraformAz  = "https://github.com/hashicorp/terraform-provider-azurerm/blob/main/internal/services/"
)

// replaces is what providers do with a change that would need another object.
func replaces() Source {
	return report(upjet, "a change that would need another object is not made: the managed resource reports it and keeps the old value")
}

// never is the case of a field that says what a claim is. The hub's API refuses another value in a claim that is there, so
// that the claim, and with it what it made, has to go first.
func never(kind, field, why, instead string, sources ...Source) []Case {
	plural := strings.ToLower(kind) + "s.platform.spokewright.dev"
	own := definition(plural, field, "it never changes: the API server of the hub refuses another value")
	return []Case{{Effect: Recreate, ByHub: true, Why: why, Instead: instead, Sources: append([]Source{own}, sources...)}}
}

// inPlace is the case of a change that is taken over where it runs.
func inPlace(why string, sources ...Source) []Case {
	return []Case{{Effect: InPlace, Why: why, Sources: sources}}
}
