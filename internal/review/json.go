package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
)

// JSON writes a report for programs: docs/diff.schema.json says what it holds. Fields are added, never changed, as long as
// schemaVersion is the same. What is not ASCII is escaped, so that it can be shown anywhere.
func JSON(w io.Writer, r *Report) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r.asJSON()); err != nil {
		return fmt.Errorf("writing the review as JSON: %w", err)
	}
	_, err := w.Write(ascii(text.Bytes()))
	return err
}

// ascii is JSON with escapes for all letters that are none of ASCII.
func ascii(text []byte) []byte {
	result := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r < 0x7f:
			result = append(result, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			result = fmt.Appendf(result, `\u%04x\u%04x`, high, low)
		default:
			result = fmt.Appendf(result, `\u%04x`, r)
		}
		text = text[size:]
	}
	return result
}

type (
	reportJSON struct {
		SchemaVersion string            `json:"schemaVersion"`
		Base          string            `json:"base"`
		Head          string            `json:"head"`
		ExitCode      int               `json:"exitCode"`
		Summary       summaryJSON       `json:"summary"`
		Declarations  []declarationJSON `json:"declarations"`
		Environments  []environmentJSON `json:"environments"`
		Changes       []changeJSON      `json:"changes"`
		Notes         []noteJSON        `json:"notes"`
	}
	countJSON struct {
		Added       int    `json:"added"`
		Changed     int    `json:"changed"`
		Removed     int    `json:"removed"`
		Moved       int    `json:"moved"`
		Destructive int    `json:"destructive"`
		Declared    int    `json:"declared"`
		Refused     int    `json:"refused"`
		Worst       string `json:"worst,omitempty"`
	}
	summaryJSON struct {
		Text         string `json:"text"`
		Environments int    `json:"environments"`
		countJSON
	}
	environmentJSON struct {
		Name     string `json:"name"`
		Status   string `json:"status"`
		ExitCode int    `json:"exitCode"`
		countJSON
		Changes []string `json:"changes"`
	}
	changeJSON struct {
		ID         string           `json:"id"`
		Places     []placeJSON      `json:"places"`
		Plane      string           `json:"plane"`
		Maker      string           `json:"application,omitempty"`
		APIVersion string           `json:"apiVersion"`
		Object     objectJSON       `json:"object"`
		Subject    string           `json:"subject"`
		Action     string           `json:"action"`
		Class      string           `json:"class"`
		ExitCode   int              `json:"exitCode"`
		From       *placeJSON       `json:"from,omitempty"`
		Declared   *declarationJSON `json:"declared,omitempty"`
		Fields     []fieldJSON      `json:"fields"`
	}
	placeJSON struct {
		Environment string     `json:"environment"`
		Plane       string     `json:"plane"`
		Application string     `json:"application,omitempty"`
		Object      objectJSON `json:"object"`
	}
	objectJSON struct {
		Kind      string `json:"kind"`
		Namespace string `json:"namespace,omitempty"`
		Name      string `json:"name"`
	}
	fieldJSON struct {
		Path     string         `json:"path"`
		Class    string         `json:"class"`
		Old      *any           `json:"old,omitempty"`
		New      *any           `json:"new,omitempty"`
		Masked   bool           `json:"masked,omitempty"`
		Reason   string         `json:"reason,omitempty"`
		Remedy   string         `json:"remedy,omitempty"`
		Position *positionJSON  `json:"position,omitempty"`
		Places   []positionJSON `json:"positions,omitempty"`
		Because  []positionJSON `json:"because,omitempty"`
	}
	positionJSON struct {
		File   string `json:"file"`
		Line   int    `json:"line,omitempty"`
		Column int    `json:"column,omitempty"`
	}
	declarationJSON struct {
		Environment string        `json:"environment,omitempty"`
		From        string        `json:"from,omitempty"`
		To          string        `json:"to,omitempty"`
		What        string        `json:"what,omitempty"`
		Reason      string        `json:"reason,omitempty"`
		Used        bool          `json:"used"`
		Position    *positionJSON `json:"position,omitempty"`
	}
	noteJSON struct {
		Code     string        `json:"code"`
		Severity string        `json:"severity"`
		Message  string        `json:"message"`
		Object   string        `json:"object,omitempty"`
		Field    string        `json:"field,omitempty"`
		Remedy   string        `json:"remedy,omitempty"`
		Position *positionJSON `json:"position,omitempty"`
	}
)

func (r *Report) asJSON() reportJSON {
	result := reportJSON{SchemaVersion: "1", Base: r.base, Head: r.head, ExitCode: r.ExitCode(),
		Summary:      summaryJSON{Text: r.summary(), Environments: len(r.affected()), countJSON: r.total.asJSON()},
		Declarations: []declarationJSON{}, Environments: []environmentJSON{}, Changes: []changeJSON{}, Notes: []noteJSON{}}
	for i := range r.declarations {
		result.Declarations = append(result.Declarations, declaration(&r.declarations[i]))
	}
	for _, e := range r.environments {
		one := environmentJSON{Name: e.name, Status: "unchanged", ExitCode: e.exit, countJSON: e.asJSON(), Changes: []string{}}
		if e.all() > 0 {
			one.Status = "changed"
		}
		for _, i := range e.groups {
			one.Changes = append(one.Changes, r.groups[i].id)
		}
		result.Environments = append(result.Environments, one)
	}
	for i := range r.groups {
		result.Changes = append(result.Changes, r.groups[i].asJSON())
	}
	for _, f := range r.notes {
		result.Notes = append(result.Notes, noteJSON{string(f.Code), f.Severity.String(), f.Sentence(), f.Object.String(), string(f.Path), f.Remedy, position(f.Position)})
	}
	return result
}

func (n *count) asJSON() countJSON {
	return countJSON{n.added, n.changed, n.removed, n.moved, n.destroyed, n.declared, n.refused, string(n.worst)}
}

func (g *group) asJSON() changeJSON {
	c := changeJSON{ID: g.id, Plane: string(g.plane), Maker: g.maker, APIVersion: g.apiVersion, Object: object(g.object), Subject: g.subject, Action: string(g.action),
		Class: string(g.class), ExitCode: g.exit, Places: []placeJSON{}, Fields: []fieldJSON{}}
	for _, p := range g.places {
		c.Places = append(c.Places, place(p))
	}
	if g.from != nil {
		from := place(*g.from)
		c.From = &from
	}
	if g.declared != nil {
		d := declaration(g.declared)
		c.Declared = &d
	}
	for i := range g.fields {
		f := &g.fields[i]
		one := fieldJSON{Path: string(f.Path), Class: string(f.Class), Masked: f.masked, Reason: f.Reason, Remedy: f.Remedy, Position: position(f.Position)}
		for _, p := range f.written {
			if len(f.written) > 1 {
				one.Places = append(one.Places, positionJSON{p.File, p.Line, p.Column})
			}
		}
		for _, p := range f.behind {
			one.Because = append(one.Because, positionJSON{p.File, p.Line, p.Column})
		}
		if f.HasOld {
			one.Old = &f.Old
		}
		if f.HasNew {
			one.New = &f.New
		}
		c.Fields = append(c.Fields, one)
	}
	return c
}

func object(o finding.Object) objectJSON { return objectJSON(o) }

func place(p change.Place) placeJSON {
	return placeJSON{p.Environment, string(p.Plane), p.Application, object(p.Object)}
}

func position(p finding.Position) *positionJSON {
	if p.File == "" {
		return nil
	}
	return &positionJSON{p.File, p.Line, p.Column}
}

func declaration(d *change.Declaration) declarationJSON {
	return declarationJSON{d.Environment, d.From, d.To, d.What, d.Reason, d.Used, position(d.Position)}
}
