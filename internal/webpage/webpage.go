// Package webpage is what the pages have in common that people open offline: their head, and the policy that forbids them to
// ask anybody for anything. What a page shows is its own room's.
package webpage

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

//go:embed head.html
var headText string

// Page is the part of what a template is given that each page has: it is embedded there. The template writes its head by
// {{template "head" .}}.
type Page struct {
	Title  string
	Style  template.CSS
	Script template.JS
}

// New is a page with a style and a script of the program's own.
func New(title, style, script string) Page {
	return Page{title, template.CSS(style), template.JS(script)} //nolint:gosec // nothing of a user's is in either
}

// Policy forbids the page everything but its own style and script.
func (p Page) Policy() string {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + digest(string(p.Style)) + "; script-src " + digest(string(p.Script)) + "; img-src data:; base-uri 'none'; form-action 'none'"
}

// Write fills in a template with a value that embeds a Page.
func Write(w io.Writer, text string, functions template.FuncMap, page any) error {
	parsed, err := template.New("page").Funcs(functions).Parse(headText)
	if err == nil {
		parsed, err = parsed.Parse(text)
	}
	if err != nil {
		return fmt.Errorf("reading the template of a page: %w", err)
	}
	if err := parsed.Execute(w, page); err != nil {
		return fmt.Errorf("writing a page: %w", err)
	}
	return nil
}
