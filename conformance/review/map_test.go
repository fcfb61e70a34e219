package review

import (
	"net/url"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheMapsPageInABrowser opens the map of a fleet in a real Chromium.
func TestTheMapsPageInABrowser(t *testing.T) {
	file, err := filepath.Abs("../../internal/fleetmap/testdata/page.html")
	require.NoError(t, err)
	require.FileExists(t, file)
	b, page := openBrowser(t), (&url.URL{Scheme: "file", Path: file}).String()
	axe := axeOf(t)
	set(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1200, Height: 900, DeviceScaleFactor: 1})
	b.run(t, chromedp.Navigate(page))
	listed := func() []string {
		return ask[[]string](t, b, `[...document.querySelectorAll("#list tbody tr:not([hidden])")].map((row) => row.id)`)
	}
	faint := func() int { return ask[int](t, b, `document.querySelectorAll(".environment.unasked").length`) }
	all := listed()

	t.Run("a filter leaves what was asked for", func(t *testing.T) {
		by := `document.querySelector('[data-by="cloud"]')`
		b.run(t, script(by+`.value = "aws"; `+by+`.dispatchEvent(new Event("change"))`))
		assert.Equal(t, []string{"prod", "stage"}, listed())
		assert.Equal(t, len(all)-2, faint())
		assert.Equal(t, "2 of 6 environments", ask[string](t, b, `document.getElementById("shown").textContent`))
		b.run(t, script(by+`.value = ""; `+by+`.dispatchEvent(new Event("change"))`))
	})
	t.Run("keys find", func(t *testing.T) {
		b.run(t, chromedp.KeyEvent("/"), chromedp.KeyEvent("EUROPE"))
		assert.Equal(t, "EUROPE", ask[string](t, b, `document.getElementById("find").value`))
		assert.Equal(t, []string{"going", "trial"}, listed())
		b.run(t, chromedp.KeyEvent(kb.Escape))
		assert.Equal(t, all, listed())
		assert.Zero(t, faint())
	})
	t.Run("light and dark can be read", func(t *testing.T) {
		grounds := map[string]string{}
		for _, scheme := range []string{"light", "dark"} {
			set(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			b.run(t, script(`for (const details of document.querySelectorAll("details")) details.open = true;`))
			grounds[scheme] = ask[string](t, b, `getComputedStyle(document.body).backgroundColor`)
			assert.Empty(t, ask[[]string](t, b, contrast), scheme)
			usable(t, b, axe)
		}
		assert.NotEqual(t, grounds["light"], grounds["dark"])
	})
	t.Run("nothing is wider than a phone", func(t *testing.T) {
		set(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 400, Height: 800, DeviceScaleFactor: 2, Mobile: true})
		assert.LessOrEqual(t, ask[int64](t, b, `document.documentElement.scrollWidth`), int64(400))
		usable(t, b, axe)
	})
	named(t, b, "combobox", "searchbox", "heading", "region", "search", "table", "image")
	silent(t, b, page)
	t.Run("it reads without its script", func(t *testing.T) {
		set(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.run(t, chromedp.Navigate("about:blank"), chromedp.Navigate(page))
		text := ask[string](t, b, `document.querySelector("main").innerText`)
		assert.Contains(t, text, "10.1.0.0/16 ↔ stage")
		assert.NotContains(t, text, "Find")
	})
}
