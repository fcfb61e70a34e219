package cause

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
)

// Write tells an explanation to people.
func (x Explanation) Write(out io.Writer) error {
	fmt.Fprintf(out, "%s/%s: %s: %s: %s\n", x.Environment, x.Plane, x.Object, x.Path.Brief(), finding.Show(x.Value))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range x.Causes {
		fmt.Fprintf(table, "  %s\t%s\n", c.Sort, c.sentence(x.Value))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !slices.ContainsFunc(x.Causes, func(c Cause) bool { return c.Sort == Spec || c.Sort == Fleet || c.Sort == Default || c.Sort == Name }) {
		_, err := fmt.Fprintln(out, "  no spec changes it: what is named here says so itself")
		return err
	}
	return nil
}

// sentence is a cause on a line. value is what the field is.
func (c Cause) sentence(value any) string {
	switch c.Sort {
	case Rule:
		return c.at() + c.owner() + string(c.Path) + ": " + c.Value
	case Patch:
		if c.Before == nil {
			return c.at() + "there was nothing before"
		}
		return c.at() + "it was " + finding.Show(c.Before) + " before"
	case File:
		return c.Position.String()
	case Name:
		return c.Position.File + ": the file's name, which is the environment's"
	case Function, Set:
		return c.Value
	}
	text := c.said()
	would := "it would be " + finding.Show(c.Becomes)
	switch {
	case c.Gone:
		would = "it would not be there"
	case finding.Show(value) == c.Value && finding.Show(c.Becomes) == c.Instead:
		return text
	case strings.HasPrefix(finding.Show(c.Becomes), "a map") || strings.HasPrefix(finding.Show(c.Becomes), "a list") || finding.Show(c.Becomes) == finding.Show(value):
		would = "it would be another"
	}
	return fmt.Sprintf("%s (with %s %s)", text, finding.Shorten(c.Instead, 72), would)
}

// said is what stands in a spec, or what Spokewright brings.
func (c Cause) said() string {
	text := c.at() + c.owner() + c.Path.Brief()
	if c.Named {
		return text + ", the name"
	}
	return text + ": " + finding.Shorten(c.Value, 72)
}

// owner tells of what nobody wrote.
func (c Cause) owner() string {
	if c.Position.Line == 0 {
		return "Spokewright's own "
	}
	return ""
}

func (c Cause) at() string {
	if c.Position.Line == 0 {
		return ""
	}
	return c.Position.String() + ": "
}

// causeData is a cause for programs.
type causeData struct {
	Sort    Sort   `json:"sort"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Path    string `json:"path,omitempty"`
	Name    bool   `json:"name,omitempty"` // the name at the path counts, and no value
	Value   string `json:"value,omitempty"`
	Instead string `json:"instead,omitempty"`
	Becomes any    `json:"becomes,omitempty"`
	Gone    bool   `json:"gone,omitempty"`
	Before  any    `json:"before,omitempty"`
}

type objectData struct {
	Environment string `json:"environment"`
	Plane       string `json:"plane"`
	Kind        string `json:"kind"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name"`
}

func dataOf(target render.Target, o finding.Object) objectData {
	return objectData{target.Environment, string(target.Plane), o.Kind, o.Namespace, o.Name}
}

func (c Cause) data() causeData {
	file := c.Position.File
	if c.Position.Line == 0 && c.Sort != Name {
		file = ""
	}
	return causeData{c.Sort, file, c.Position.Line, c.Position.Column, string(c.Path), c.Named, c.Value, c.Instead, c.Becomes, c.Gone, c.Before}
}

// WriteJSON tells an explanation to programs.
func (x Explanation) WriteJSON(out io.Writer) error {
	causes := []causeData{}
	for _, c := range x.Causes {
		causes = append(causes, c.data())
	}
	return encode(out, map[string]any{"schemaVersion": "1", "object": dataOf(render.Target{Environment: x.Environment, Plane: x.Plane}, x.Object),
		"field": string(x.Path), "value": x.Value, "causes": causes})
}

func encode(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// WriteReach tells people what something in a spec reaches: what is the same in several environments once.
func WriteReach(out io.Writer, causes []Cause, reached []Reached) error {
	for _, c := range causes {
		fmt.Fprintln(out, c.said())
	}
	if len(reached) == 0 {
		_, err := fmt.Fprintln(out, "  reaches nothing that is rendered")
		return err
	}
	for _, l := range folded(reached) {
		fmt.Fprintf(out, "  %s %s: %s in %s\n", l.kind, few(l.names), few(l.fields), few(l.where))
	}
	return nil
}

// line is what is reached in some environments, with <env> for their names.
type line struct {
	kind                 string
	names, fields, where []string
}

// folded are lines in which what is the same in several environments stands once, and objects of a kind that are reached alike
// together.
func folded(reached []Reached) []line {
	var one, all []line
	for _, r := range reached {
		l := line{r.Object.Kind, []string{r.name()}, r.fields(), []string{r.Target.Environment + "/" + string(r.Target.Plane)}}
		at := slices.IndexFunc(one, func(o line) bool {
			return o.kind == l.kind && slices.Equal(o.names, l.names) && slices.Equal(o.fields, l.fields)
		})
		if at < 0 {
			one = append(one, l)
		} else {
			one[at].where = append(one[at].where, l.where...)
		}
	}
	for _, l := range one {
		at := slices.IndexFunc(all, func(o line) bool {
			return o.kind == l.kind && slices.Equal(o.fields, l.fields) && slices.Equal(o.where, l.where)
		})
		if at < 0 {
			all = append(all, l)
		} else {
			all[at].names = append(all[at].names, l.names...)
		}
	}
	return all
}

// The most fields of an object, and places of a line, that are told to people.
const mostTold = 6

// name is what an object is called, with the environment's name as <env>.
func (r Reached) name() string {
	normal := func(text string) string {
		if text == r.Target.Environment {
			return "<env>"
		}
		if rest, is := strings.CutPrefix(text, r.Target.Environment+"-"); is {
			return "<env>-" + rest
		}
		return text
	}
	return finding.Object{Namespace: normal(r.Object.Namespace), Name: normal(r.Object.Name)}.String()
}

func (r Reached) fields() []string {
	if len(r.Fields) == 0 {
		return []string{"that it is there"}
	}
	var names []string
	for _, field := range r.Fields {
		names = append(names, field.Brief())
	}
	return names
}

func few(words []string) string {
	if over := len(words) - mostTold; over > 0 {
		return strings.Join(words[:mostTold], ", ") + fmt.Sprintf(" and %d more", over)
	}
	return strings.Join(words, ", ")
}

// WriteReachJSON tells programs what something in a spec reaches.
func WriteReachJSON(out io.Writer, causes []Cause, reached []Reached) error {
	type reachData struct {
		objectData

		Fields []string `json:"fields"` // empty where the object is not there then, or has another name
	}
	asked, all := []causeData{}, []reachData{}
	for _, c := range causes {
		asked = append(asked, c.data())
	}
	for _, r := range reached {
		fields := []string{}
		for _, field := range r.Fields {
			fields = append(fields, string(field))
		}
		all = append(all, reachData{dataOf(r.Target, r.Object), fields})
	}
	return encode(out, map[string]any{"schemaVersion": "1", "asked": asked, "reaches": all})
}
