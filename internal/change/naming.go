package change

import (
	"encoding/json"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/word"
	"spokewright.dev/spokewright/schema"
)

// renaming compares what has two names: what is the same is no change, and neither is what was made of the old name and is
// made of the new one. What a person wrote, into a spec or an overlay, is compared as it stands.
func (c *comparison) renaming(p *pair) comparer {
	if !p.renamed || !p.head.ours() {
		return comparer{}
	}
	from, to := p.base.environment, p.head.environment
	if from == to {
		from, to = last(p.base.part), last(p.head.part)
	}
	called := func(text string) string { return word.Replace(text, from, to) }
	before, _ := c.base.environment(p.base.environment)
	after, _ := c.head.environment(p.head.environment)
	meant := map[string]bool{}
	for _, d := range (comparer{called: called}).differences(specData(before), specData(after)) {
		for _, texts := range bothTexts(d.old, d.new) {
			if texts == [2]string{from, to} && len(d.steps) == 3 && d.steps[2] == "namespace" {
				continue // an app's namespace is called as the app where nobody says otherwise
			}
			meant[meaning(d.steps[len(d.steps)-1], texts)] = true
		}
	}
	return comparer{called, meant}
}

// last is the name at the end of a subject.
func last(subject string) string { return subject[strings.LastIndex(subject, "/")+1:] }

// ours says whether we made an object: of the spec, and not of what a team put beside it.
func (p *placed) ours() bool {
	return p.subject != p.itself() || p.labelledOurs()
}

func (p *placed) labelledOurs() bool {
	return manifest.TextAt(p.Object.Object, "metadata", "labels", "app.kubernetes.io/managed-by") == "spokewright"
}

// specData is what a spec says, as data; nothing where there is none.
func specData(e schema.Environment) any {
	var data any
	if text, err := json.Marshal(e); err == nil {
		_ = json.Unmarshal(text, &data) // what was written just now can be read
	}
	return data
}

// bothTexts are the pairs of texts in two values of one shape.
func bothTexts(old, new any) (pairs [][2]string) {
	before, isText := old.(string)
	after, areTexts := new.(string)
	if isText && areTexts {
		return [][2]string{{before, after}}
	}
	list, isList := old.([]any)
	others, areLists := new.([]any)
	if isList && areLists && len(list) == len(others) {
		for i := range list {
			pairs = append(pairs, bothTexts(list[i], others[i])...)
		}
	}
	return pairs
}

// meaning tells a change of a field's text from others, wherever a render puts it.
func meaning(field string, texts [2]string) string {
	return strings.Join([]string{field, texts[0], texts[1]}, "\x00")
}

// follows says whether a value differs by nothing but the names that changed. The name in the cloud is none of them.
func (c comparer) follows(d difference) bool {
	if c.meant == nil || !d.hasOld || !d.hasNew || len(d.steps) == 0 || d.steps[0] == "id" {
		return false
	}
	before, isList := d.old.([]any)
	after, areLists := d.new.([]any)
	if isList && areLists {
		return slices.EqualFunc(before, after, func(old, new any) bool {
			return manifest.Equal(old, new) || c.follows(difference{steps: d.steps, old: old, new: new, hasOld: true, hasNew: true})
		})
	}
	texts := bothTexts(d.old, d.new)
	return len(texts) == 1 && c.now(texts[0][0]) == texts[0][1] &&
		!slices.ContainsFunc(d.steps[max(len(d.steps)-2, 0):], func(step string) bool { return c.meant[meaning(step, texts[0])] })
}
