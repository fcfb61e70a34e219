package review

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// masker takes out of a review what looks like a secret. It would rather mask too much.
type masker struct {
	before, after map[change.Place]manifest.Object
}

func newMasker(about About) *masker {
	return &masker{before: index(about.Before), after: index(about.After)}
}

func index(s change.State) map[change.Place]manifest.Object {
	objects := map[change.Place]manifest.Object{}
	for _, p := range s.Planes {
		maker := ""
		if p.Application != nil {
			maker = manifest.Identify(p.Application.Object).Name
		}
		for _, o := range p.Objects {
			id := manifest.Identify(o.Object)
			objects[change.Place{Environment: p.Environment, Plane: p.Plane, Application: maker, Object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}}] = o.Object
		}
	}
	return objects
}

// cover gives each secret of one field another name, so that two that differ can still be told apart.
type cover struct{ known []string }

// hidden is how every name begins that a cover gives.
const hidden = "(masked"

func (c *cover) of(text string) string {
	at := slices.Index(c.known, text)
	if at < 0 {
		at = len(c.known)
		c.known = append(c.known, text)
	}
	if at == 0 {
		return hidden + ")"
	}
	return fmt.Sprintf("%s, value %d)", hidden, at+1)
}

func (m *masker) change(c change.Change) masked {
	place := change.Place{Environment: c.Environment, Plane: c.Plane, Application: c.Application, Object: c.Object}
	was := place
	if c.From != nil {
		was = *c.From
		c.From = &change.Place{Environment: clean(was.Environment), Plane: was.Plane, Application: clean(was.Application), Object: cleanObject(was.Object)}
	}
	result := masked{Change: c}
	for _, effect := range c.Effects {
		result.fields = append(result.fields, cleanField(effect, c.Object.Kind, m.before[was], m.after[place]))
	}
	result.Effects = nil // they are fields now
	result.Application = clean(c.Application)
	result.Environment, result.Object, result.APIVersion, result.Subject = clean(c.Environment), cleanObject(c.Object), clean(c.APIVersion), clean(c.Subject)
	if c.Declared != nil {
		declared := cleanDeclaration(*c.Declared)
		result.Declared = &declared
	}
	return result
}

// cleanField masks both values of a field, and what its sentences say of them.
func cleanField(e change.Effect, kind string, old, fresh manifest.Object) field {
	f, c := field{Effect: e}, &cover{}
	at := spotOf(e.Path, kind, old, e.Old)
	if after := spotOf(e.Path, kind, fresh, e.New); !e.HasOld || e.HasNew && after.how > at.how {
		at = after
	}
	f.Old, f.New = cleanValue(e.Old, at, c), cleanValue(e.New, at, c)
	f.masked = len(c.known) > 0
	f.Path, f.Reason, f.Remedy, f.Position.File = cleanPath(e.Path), cleanSentence(e.Reason, c), cleanSentence(e.Remedy, c), clean(e.Position.File)
	f.Because = nil
	for _, at := range e.Because {
		f.Because = append(f.Because, finding.Position{File: clean(at.File), Line: at.Line})
	}
	return f
}

// The letters from which on a secret is also looked for where sentences tell of it.
const telling = 4

// cleanSentence is what is told of a field, without the field's secrets.
func cleanSentence(text string, c *cover) string {
	for _, known := range slices.Clone(c.known) {
		token := c.of(known)
		for line := range strings.Lines(known) {
			if line = strings.TrimSpace(line); len(line) >= telling {
				text = strings.ReplaceAll(text, line, token)
			}
		}
	}
	return clean(text)
}

func cleanValue(value any, at spot, c *cover) any {
	return walker{
		name: clean,
		leaf: func(value any, at spot) any {
			switch value := value.(type) {
			case nil, bool:
				return value
			case string:
				if at.tells(value) {
					return c.of(value)
				}
				return within(value, c)
			}
			if at.how > open {
				return c.of(fmt.Sprint(value))
			}
			return value
		},
	}.walk(value, at)
}

// clean is a text without what shows by its form or its key to be a secret.
func clean(text string) string { return within(text, &cover{}) }

// The largest text that is also read as YAML.
const readable = 256 << 10

func within(text string, c *cover) string {
	if len(text) < 6 {
		return text
	}
	if strings.ContainsRune(text, '\n') && len(text) <= readable {
		text = inDocument(text, c)
	}
	for _, form := range tokenForms {
		text = replaceGroup(form, text, c.of)
	}
	for _, d := range doubtful {
		text = replaceGroup(d.form, text, func(found string) string {
			if d.ordinary(found) {
				return found
			}
			return c.of(found)
		})
	}
	for _, form := range assignments {
		text = inAssignments(form, text, c)
	}
	return inCommands(text, c)
}

// replaceGroup replaces what a form finds, or the group in it.
func replaceGroup(f form, text string, by func(string) string) string {
	var result strings.Builder
	last := 0
	for _, at := range f.find(text) {
		begin, end := at[len(at)-2], at[len(at)-1]
		result.WriteString(text[last:begin] + by(text[begin:end]))
		last = end
	}
	return result.String() + text[last:]
}

// inAssignments masks the values that a text gives to keys.
func inAssignments(f form, text string, c *cover) string {
	var result strings.Builder
	last := 0
	for _, at := range f.find(text) {
		if at[0] < last {
			continue // in what is masked already
		}
		key, value := text[at[2]:at[3]], assigned.FindString(text[at[1]:])
		bare := strings.Trim(value, `"'`)
		if bare == "" || strings.HasPrefix(bare, hidden) || strings.ContainsAny(bare[:1], "|>{[=&*$(!<") || saysWhether(bare) || saysHow(key, bare) {
			continue
		}
		if isSecretKey(key) || betrays(key, bare) {
			result.WriteString(text[last:at[1]] + strings.Replace(value, bare, c.of(bare), 1))
			last = at[1] + len(value)
		}
	}
	return result.String() + text[last:]
}

// saysWhether is a value that says whether there is a secret, and not which.
func saysWhether(text string) bool {
	return slices.Contains([]string{"true", "false", "null", "nil", "yes", "no", "on", "off", "~"}, strings.ToLower(text))
}

// saysHow is the word before the credentials of a header: Authorization: Bearer.
func saysHow(key, text string) bool {
	return strings.EqualFold(key, "authorization") && slices.Contains([]string{"bearer", "basic", "token", "digest", "negotiate", "apikey"}, strings.ToLower(text))
}

// inDocument masks in a text what is a secret if it is YAML: in a values file, or in a Secret within a ConfigMap.
func inDocument(text string, c *cover) string {
	objects, err := manifest.Objects([]byte(text))
	if err != nil {
		return text
	}
	known := map[string]string{}
	collect := walker{
		name: func(key string) string { return key },
		leaf: func(value any, at spot) any {
			if text, ok := value.(string); ok && at.tells(text) {
				token := c.of(text)
				for line := range strings.Lines(text) {
					if line = strings.TrimSpace(line); line != "" {
						known[line], token = token, hidden+")"
					}
				}
			}
			return value
		},
	}
	for _, object := range objects {
		collect.walk(object, spot{kind: manifest.Identify(object).Kind, top: true})
	}
	if len(known) == 0 {
		return text
	}
	var result strings.Builder
	for line := range strings.Lines(text) {
		result.WriteString(inLine(line, known))
	}
	return result.String()
}

// inLine masks the value that a line of YAML ends with, or the whole line of a block.
func inLine(line string, known map[string]string) string {
	ends := []string{strings.TrimSpace(line)}
	if _, behind, has := strings.Cut(line, ": "); has {
		ends = append(ends, strings.TrimSpace(behind))
	}
	if behind, has := strings.CutPrefix(ends[0], "- "); has {
		ends = append(ends, strings.TrimSpace(behind))
	}
	for _, end := range ends {
		value, _, _ := strings.Cut(end, " #")
		value = strings.TrimSpace(value)
		bare := strings.Trim(value, `"'`)
		if unquoted, err := strconv.Unquote(value); err == nil {
			bare = unquoted
		}
		if token, is := known[strings.TrimSpace(bare)]; is && bare != "" {
			at := strings.LastIndex(line, value)
			return line[:at] + token + line[at+len(value):]
		}
	}
	return line
}

func cleanPath(path finding.Path) finding.Path {
	steps := path.Steps()
	for i := range steps {
		steps[i].Name = clean(steps[i].Name)
	}
	return finding.FromSteps(steps...)
}

func cleanObject(o finding.Object) finding.Object {
	return finding.Object{Kind: clean(o.Kind), Namespace: clean(o.Namespace), Name: clean(o.Name)}
}

func cleanDeclaration(d change.Declaration) change.Declaration {
	for _, text := range []*string{&d.Position.File, &d.Environment, &d.From, &d.To, &d.What, &d.Reason, &d.Meant} {
		*text = clean(*text)
	}
	return d
}

func cleanFindings(all finding.Findings) finding.Findings {
	list := slices.Clone(all)
	for i := range list {
		f := &list[i]
		for _, text := range []*string{&f.File, &f.Message, &f.Suggestion, &f.Aside, &f.Remedy, &f.Detail} {
			*text = clean(*text)
		}
		f.Object, f.Path, f.Related = cleanObject(f.Object), cleanPath(f.Path), nil
	}
	return list
}
