package review

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// axeOf is the source of axe, which judges whether everybody can use a page, as Chromium brings it with its own developer tools.
func axeOf(t *testing.T) string {
	t.Helper()
	b := openBrowser(t)
	b.run(t, chromedp.Navigate("devtools://devtools/bundled/third_party/lighthouse/lighthouse-dt-bundle.js"))
	bundle := ask[string](t, b, `document.body.innerText`)
	_, literal, found := strings.Cut(bundle, "`/*! axe v")
	if !found {
		t.Skip("SKIPPED, NOT TESTED: this Chromium brings no axe, Debian's does (apt-get install chromium)")
	}
	end := 0
	for literal[end] != '`' {
		if literal[end] == '\\' {
			end++
		}
		end++
	}
	return ask[string](t, b, "`/*! axe v"+literal[:end]+"`")
}

// usable holds that axe finds nothing on the page, in light and in dark as it is now.
func usable(t *testing.T, b *browser, axe string) {
	t.Helper()
	b.run(t, script(axe))
	assert.Positive(t, ask[int](t, b, `axe.run().then((all) => all.passes.length)`))
	assert.Empty(t, ask[[]string](t, b, `axe.run().then((all) => all.violations.map((one) => one.id + ": " + one.help + ": " + one.nodes.map((node) => node.target.join(" ") + " " + node.failureSummary).join("; ")))`))
}
