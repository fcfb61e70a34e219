package review

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	markdownhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/property"
	"spokewright.dev/spokewright/schema"
)

// attacks are texts that speak to a terminal, to Markdown, to HTML, or to whoever reads comments.
func attacks() []string {
	return []string{"</details>", "</summary><img src=x onerror=alert(1)>", "<script>alert(1)</script>", "</code></pre>", "<!--", "-->", "]]>", "</style>",
		"@team", "@org/team", "see #123 and !45", "GH-12", "PROJ-7", "org/repo#5", "0123456789abcdef0123456789abcdef01234567", "a@b.example.com",
		"https://evil.example.com", "www.evil.example.com", "[x](https://evil.example.com)", "![x](https://evil.example.com/x.png)", "[x]: https://evil.example.com",
		"`", "```", "````\n</details>\n", "|", `\|`, `\`, "* x", "1. x", "- x", "# x", "> x", "---", "===", "~~x~~", "$x$", ":smile:", "_x_", "**x**", "&lt;", "&#64;team",
		"\x1b[31mred\x1b[0m", "\x1b]8;;https://evil.example.com\x07x\x1b]8;;\x07", "\x07", "\x00", "\x7f", "\r", "\n", "\n\n", "\t", "\u009b31m", "\u202e", "\u2066", "\u200b", "\ufeff",
		"\u2028", "\u3164", "\U000e0041", "p\u0430ypal", "\xff", "\xc3\x28", "\ufffd", "", " ", "<ENV>", "dev", strings.Repeat("x", 300), "{{ .Values }}", "%s%n", "javascript:alert(1)", `" onload="x`}
}

// hostile is a review with such texts wherever a text may stand.
func hostile(text func() string) (change.Review, About) {
	object := func() finding.Object { return finding.Object{Kind: text(), Namespace: text(), Name: text()} }
	position := func() finding.Position { return finding.Position{File: text(), Line: 3, Column: 4} }
	declaration := func() change.Declaration {
		return change.Declaration{Position: position(), Environment: text(), From: text(), To: text(), What: text(), Reason: text(), Used: true}
	}
	var r change.Review
	environment := text()
	for i, class := range change.Classes() {
		old, fresh := any(text()), any(text())
		if i%3 == 0 {
			old, fresh = map[string]any{text(): text(), "list": []any{text(), text(), int64(3)}}, []any{text(), map[string]any{text(): text()}}
		}
		c := made(environment, schema.Hub, "", "", "", text(), []change.Action{change.Added, change.Changed, change.Removed, change.Moved}[i%4],
			change.Effect{Class: class, Path: finding.Keys("spec", text()), Old: old, New: fresh, HasOld: i%4 != 0, HasNew: i%5 != 0, Reason: text(), Remedy: text(), Position: position()})
		c.Object, c.APIVersion = object(), text()
		c.From = &change.Place{Environment: text(), Plane: schema.Spoke, Object: object()}
		if i%2 == 0 {
			d := declaration()
			c.Declared = &d
		}
		r.Changes = append(r.Changes, c)
		again := c
		again.Environment = text()
		r.Changes = append(r.Changes, again)
	}
	r.Declarations = []change.Declaration{declaration(), declaration()}
	r.Notes = finding.Findings{{Code: finding.OutOfDate, Position: position(), Object: object(), Path: finding.Keys(text()), Message: text(), Remedy: text(), Detail: text()}}
	return r, About{Base: text(), Head: text(), Environments: []string{environment, "hub", text()}}
}

// reporter is what tests and rapid's tests have in common.
type reporter interface {
	require.TestingT
	Helper()
}

// inert asks that no text of a review does anything in any format.
func inert(t reporter, r change.Review, about About) {
	report := New(r, about)
	write := func(print func(*strings.Builder) error) string {
		var out strings.Builder
		require.NoError(t, print(&out))
		return out.String()
	}
	colours := regexp.MustCompile("\x1b\\[[0-9]+m")
	for _, how := range []Text{{Width: 100}, {Width: 40}, {Width: 100, Colour: true}} {
		text := write(func(out *strings.Builder) error { return how.Write(out, report) })
		if how.Colour {
			text = colours.ReplaceAllString(text, "")
		}
		seen(t, text, "\n")
	}
	text := write(func(out *strings.Builder) error { return JSON(out, report) })
	assert.True(t, json.Valid([]byte(text)))
	assert.Equal(t, -1, strings.IndexFunc(text, func(r rune) bool { return r >= 0x7f || r < ' ' && r != '\n' }), "JSON is ASCII")
	text = write(func(out *strings.Builder) error { return Markdown(out, report) })
	assert.Less(t, len(text), commentLimit)
	seen(t, text, "\n")
	inertMarkdown(t, text)
	text = write(func(out *strings.Builder) error { return HTML(out, report) })
	seen(t, text, "\n")
	inertHTML(t, text)
}

// inertHTML asks that a page has the elements and attributes of ours alone, that every id is there once, and that every
// link leads to one.
func inertHTML(t reporter, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	require.NoError(t, err)
	elements := strings.Fields("html head meta link title style body a header h1 h2 h3 h4 p strong span bdi main section ul li code details summary form label select option " +
		"fieldset legend button div article pre del ins mark script")
	attributes := strings.Fields("lang charset http-equiv content name rel href class id aria-labelledby aria-label aria-hidden aria-pressed role hidden open value type data-class data-in")
	ids, links := map[string]bool{}, []string{}
	scripts := 0
	for node := range root.Descendants() {
		if node.Type == html.CommentNode {
			assert.Fail(t, "a comment: "+node.Data)
		}
		if node.Type != html.ElementNode {
			continue
		}
		assert.Contains(t, elements, node.Data)
		if node.Data == "script" || node.Data == "style" {
			scripts++
			require.Contains(t, []string{pageScript, pageStyle}, node.FirstChild.Data)
		}
		for _, a := range node.Attr {
			assert.Contains(t, attributes, a.Key)
			switch a.Key {
			case "id":
				assert.False(t, ids[a.Val], "two have the id %s", a.Val)
				ids[a.Val] = true
			case "href":
				if a.Val != "data:," {
					require.Equal(t, "#", a.Val[:1])
					links = append(links, a.Val[1:])
				}
			}
		}
	}
	assert.Equal(t, 2, scripts)
	for _, link := range links {
		assert.True(t, ids[link], "%s leads nowhere", link)
	}
}

// seen asks that every letter of a text shows.
func seen(t reporter, text, allowed string) {
	t.Helper()
	assert.True(t, utf8.ValidString(text))
	for _, r := range text {
		if !unicode.IsPrint(r) && !strings.ContainsRune(allowed, r) || isBlank(r) {
			assert.Failf(t, "a letter that does not show", "%U", r)
			return
		}
	}
}

// rendered is Markdown as a forge shows it, as a tree.
func rendered(t reporter, text string) *html.Node {
	t.Helper()
	var out strings.Builder
	require.NoError(t, goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(markdownhtml.WithUnsafe())).Convert([]byte(text), &out))
	root, err := html.Parse(strings.NewReader(out.String()))
	require.NoError(t, err)
	return root
}

// inertMarkdown asks that only what we write ourselves is more than text.
func inertMarkdown(t reporter, text string) {
	t.Helper()
	allowed := strings.Fields("html head body h3 p strong ul li table thead tbody tr th td details summary b code pre")
	called := regexp.MustCompile(`@|#\d|\b[A-Za-z]+-\d|https?:|www\.|![0-9]|\b[0-9a-f]{7,}\b|[$~|` + "`" + `]|:[a-z]+:`)
	details := 0
	for node := range rendered(t, text).Descendants() {
		switch node.Type {
		case html.ElementNode:
			assert.Contains(t, allowed, node.Data)
			if node.Data == "details" {
				details++
				require.Equal(t, "body", node.Parent.Data, "no change stands in another")
				require.NotNil(t, node.FirstChild)
				assert.Equal(t, "summary", node.FirstChild.Data)
			}
			for _, a := range node.Attr {
				assert.Contains(t, []string{"class=language-diff"}, a.Key+"="+a.Val)
			}
		case html.CommentNode:
			assert.Equal(t, " spokewright diff ", node.Data)
		case html.TextNode:
			if !isIn(node, "code", "pre") {
				assert.NotRegexp(t, called, node.Data, "a forge would make something of it")
			}
		}
	}
	assert.Equal(t, strings.Count(text, "\n<details><summary>"), details)
	assert.Equal(t, strings.Count(text, "\n</details>\n"), details)
}

func isIn(node *html.Node, names ...string) bool {
	for parent := range node.Ancestors() {
		if slices.Contains(names, parent.Data) {
			return true
		}
	}
	return false
}

// TestNothingInAReviewActs draws texts, hostile and other, for every place of a review.
func TestNothingInAReviewActs(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(attacks()), rapid.String()), 1, 3).Draw(t, "parts"), "")
		})
		r, about := hostile(func() string { return text.Draw(t, "text") })
		inert(t, r, about)
	})
}

// FuzzPrinters puts one text everywhere.
func FuzzPrinters(f *testing.F) {
	for _, text := range attacks() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, about := hostile(func() string { return text })
		inert(t, r, about)
	})
}

// TestADifferenceIsSeen draws pairs of values: whatever their length and the room, both sides are shown differently.
func TestADifferenceIsSeen(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOfN(rapid.SampledFrom([]rune("aab \n\x1bб😀…\"\\")), 0, 200)
		common, end := string(letters.Draw(t, "common")), string(letters.Draw(t, "end"))
		old, fresh := common+string(letters.Draw(t, "old"))+end, common+string(letters.Draw(t, "fresh"))+end
		if old == fresh {
			return
		}
		width := rapid.IntRange(10, 200).Draw(t, "width")
		s := layout{width: width, lines: 40}.show(&field{Effect: changed(change.InPlace, "a", old, fresh)})
		if len(s.lines) == 0 {
			assert.NotEqual(t, s.old, s.new)
			return
		}
		var gone, come []string
		for _, one := range s.lines {
			switch one.mark {
			case '-':
				gone = append(gone, one.text)
			case '+':
				come = append(come, one.text)
			}
		}
		assert.NotEqual(t, gone, come)
	})
}

// TestMaskedValuesStillDiffer: a change of a secret is seen as one.
func TestMaskedValuesStillDiffer(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom([]string{first, second, jwt, pem, "password: " + first, "a: 1\ntoken: " + second + "\n"}), rapid.String())
		old, fresh := text.Draw(t, "old"), text.Draw(t, "fresh")
		key := rapid.SampledFrom([]string{"password", "note", "data"}).Draw(t, "key")
		f := cleanField(changed(change.InPlace, finding.Keys("spec", key), old, fresh), "ConfigMap", nil, nil)
		assert.Equal(t, old == fresh, manifest.Equal(f.Old, f.New), "%q and %q", f.Old, f.New)
	})
}
