package review

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/process"
)

// browserProgram names the browser to test in, where it is not found by its name; then it must be there.
const browserProgram = "SPOKEWRIGHT_CHROMIUM"

// browser is a tab of a real Chromium with what it complained of and asked for.
type browser struct {
	context.Context

	mutex    sync.Mutex
	requests []string
	errors   []string
}

func (b *browser) heard() (requests, errors []string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return slices.Clone(b.requests), slices.Clone(b.errors)
}

func (b *browser) run(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	require.NoError(t, chromedp.Do(b, steps...))
}

// script is a step that runs a script.
func script(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](text)
}

// set tells the browser about its surroundings.
func set[P, R any](t *testing.T, b *browser, command cdp.Command[P, R], how P) {
	t.Helper()
	_, err := chromedp.Call(b, command, how)
	require.NoError(t, err)
}

// ask evaluates an expression on the page, or what it promises.
func ask[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	return answer
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	program := os.Getenv(browserProgram)
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); program == "" && err == nil {
			program = found
		}
	}
	if program == "" {
		t.Skip("SKIPPED, NOT TESTED: Chromium is not installed (Debian: apt-get install chromium), and " + browserProgram + " names none")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(process.Context(t), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{Context: ctx}
	require.NoError(t, chromedp.Do(ctx)) // opens the tab
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		switch event := event.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, event.Request.URL)
		case *runtime.EventExceptionThrown:
			b.errors = append(b.errors, event.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			b.errors = append(b.errors, fmt.Sprintf("console.%s", event.Type))
		case *log.EventEntryAdded:
			b.errors = append(b.errors, event.Entry.Text)
		}
	}))
	set(t, b, network.Enable, network.EnableParams{})
	set(t, b, runtime.Enable, cdp.Empty{})
	set(t, b, log.Enable, cdp.Empty{})
	set(t, b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return b
}

// reviewPage is the page that package review is held to, with every class of change.
func reviewPage(t *testing.T) string {
	t.Helper()
	file, err := filepath.Abs("../../internal/review/testdata/printed/small/page.html")
	require.NoError(t, err)
	require.FileExists(t, file)
	return (&url.URL{Scheme: "file", Path: file}).String()
}

// choose filters by an environment.
func choose(environment string) chromedp.Action[chromedp.Void] {
	return script(fmt.Sprintf(`document.getElementById("environment").value = %q; document.getElementById("environment").dispatchEvent(new Event("change"))`, environment))
}

// contrast finds texts that are hard to read: those with less than 4.5 to 1 against what is behind them (WCAG 2.2, AA).
const contrast = `(() => {
  const parse = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = (value) => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = parse(getComputedStyle(element).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (["SCRIPT", "STYLE", "OPTION"].includes(element.tagName) || !element.checkVisibility() || element.closest(".hidden, .skip")) continue;
    const a = light(parse(getComputedStyle(element).color)), b = light(behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(element.className + " " + element.tagName + ": " + ratio.toFixed(2));
  }
  return bad;
})()`

// TestTheReviewsPageInABrowser opens the page of a review in a real Chromium.
func TestTheReviewsPageInABrowser(t *testing.T) {
	b, page := openBrowser(t), reviewPage(t)
	axe := axeOf(t)
	set(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1200, Height: 900, DeviceScaleFactor: 1})
	b.run(t, chromedp.Navigate(page))
	unfold := `for (const details of document.querySelectorAll("details")) details.open = true;`

	t.Run("headings have an order", func(t *testing.T) {
		levels := ask[[]int](t, b, `[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((heading) => Number(heading.tagName[1]))`)
		require.NotEmpty(t, levels)
		assert.Equal(t, 1, levels[0])
		for i := 1; i < len(levels); i++ {
			assert.LessOrEqual(t, levels[i], levels[i-1]+1, "no level is left out")
			assert.NotEqual(t, 1, levels[i])
		}
	})
	t.Run("a key folds", func(t *testing.T) {
		open := func() bool { return ask[bool](t, b, `document.querySelector(".change details").open`) }
		b.run(t, script(`document.querySelector(".change summary").focus()`))
		before := open()
		b.run(t, chromedp.KeyEvent(kb.Enter))
		assert.NotEqual(t, before, open())
		b.run(t, chromedp.KeyEvent(" "))
		assert.Equal(t, before, open())
	})
	t.Run("everything is reached by Tab", func(t *testing.T) {
		wanted := ask[int](t, b, `[...document.querySelectorAll("a, button, select, summary")].filter((element) => element.checkVisibility()).length`)
		b.run(t, script(`document.activeElement.blur(); window.getSelection().removeAllRanges(); window.reached = new Set();
			document.addEventListener("focusin", (event) => window.reached.add(event.target))`))
		for range wanted + 3 {
			b.run(t, chromedp.KeyEvent(kb.Tab))
		}
		assert.Equal(t, wanted, ask[int](t, b, `window.reached.size`))
	})
	t.Run("a link opens its change", func(t *testing.T) {
		for _, id := range []string{"prod-eu/hub/Secret/prod-eu/registry", "prod-us/spoke/Application/prod-us/ingress"} {
			b.run(t, chromedp.Navigate("about:blank"), chromedp.Navigate(page+"#"+id))
			opened := fmt.Sprintf(`new Promise((resolve) => { const look = () => {
				const target = document.getElementById(%q), box = target.getBoundingClientRect();
				if (target.closest("details").open && target.checkVisibility() && box.top >= 0 && box.top < innerHeight) resolve(true); else setTimeout(look, 20);
			}; look(); })`, id)
			assert.True(t, ask[bool](t, b, opened))
			b.run(t, script(`location.hash = "#changes"; document.getElementById("close").click()`), script(fmt.Sprintf(`location.hash = %q`, "#"+id)))
			assert.True(t, ask[bool](t, b, opened))
		}
		links := ask[int](t, b, `document.querySelectorAll(".anchor, .tile[href]").length`)
		assert.Positive(t, links)
		assert.Equal(t, links, ask[int](t, b, `[...document.querySelectorAll(".anchor, .tile[href]")].filter((link) => document.getElementById(decodeURIComponent(link.hash.slice(1)))?.closest(".change")).length`))
	})
	t.Run("a filter leaves what was asked for", func(t *testing.T) {
		b.run(t, chromedp.Navigate("about:blank"), chromedp.Navigate(page))
		all := ask[int](t, b, `document.querySelectorAll(".change").length`)
		b.run(t, script(`document.querySelector('.chip[data-class="in place"]').click()`))
		assert.Zero(t, ask[int](t, b, `document.querySelectorAll('.change[data-class="in place"]:not([hidden])').length`))
		assert.Contains(t, ask[string](t, b, `document.getElementById("shown").textContent`), fmt.Sprintf("of %d changes", all))
		b.run(t, script(`document.querySelector('.chip[data-class="in place"]').click()`), choose("3"))
		assert.Equal(t, 1, ask[int](t, b, `document.querySelectorAll(".change:not([hidden])").length`), "prod-us has one")
		assert.Equal(t, 1, ask[int](t, b, `document.querySelectorAll(".group:not([hidden])").length`))
		b.run(t, choose(""))
	})
	t.Run("light and dark can be read", func(t *testing.T) {
		grounds := map[string]string{}
		for _, scheme := range []string{"light", "dark"} {
			set(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			b.run(t, script(unfold))
			grounds[scheme] = ask[string](t, b, `getComputedStyle(document.body).backgroundColor`)
			assert.Empty(t, ask[[]string](t, b, contrast), scheme)
			usable(t, b, axe)
		}
		assert.NotEqual(t, grounds["light"], grounds["dark"])
	})
	t.Run("nothing is wider than a phone", func(t *testing.T) {
		for _, width := range []int64{400, 320} {
			set(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 2, Mobile: true})
			b.run(t, script(unfold))
			assert.LessOrEqual(t, ask[int64](t, b, `document.documentElement.scrollWidth`), width)
			wide := ask[[]string](t, b, `[...document.querySelectorAll("body *")].filter((element) => element.checkVisibility() && !element.closest(".hidden, .skip") && element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.className + " " + element.tagName)`)
			assert.Empty(t, wide)
		}
	})
	named(t, b, "link", "button", "combobox", "DisclosureTriangle", "heading", "region", "form")
	silent(t, b, page)
	t.Run("it reads without its script", func(t *testing.T) {
		set(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.run(t, chromedp.Navigate("about:blank"), chromedp.Navigate(page))
		text := ask[string](t, b, `document.querySelector("main").innerText`)
		assert.Contains(t, text, "Cluster prod-eu/main")
		assert.Contains(t, text, "Kubernetes does not go back")
		assert.NotContains(t, text, "Unfold all")
	})
}

// named wants what can be used or led to on the page to have a name, and all of these roles to be there.
func named(t *testing.T, b *browser, wanted ...string) {
	t.Helper()
	t.Run("what can be used has a name", func(t *testing.T) {
		tree, err := chromedp.Call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		require.NoError(t, err)
		roles := map[string]int{}
		for _, node := range tree.Nodes {
			if node.Ignored || node.Role == nil {
				continue
			}
			role := strings.Trim(string(node.Role.Value), `"`)
			roles[role]++
			if slices.Contains([]string{"link", "button", "combobox", "searchbox", "DisclosureTriangle", "heading", "region", "form", "search", "image"}, role) {
				assert.True(t, node.Name != nil && strings.Trim(string(node.Name.Value), `" `) != "", "a %s without a name", role)
			}
		}
		for _, role := range wanted {
			assert.Positive(t, roles[role], role)
		}
	})
}

// silent wants the page to have asked nobody for anything, and to have complained of nothing.
func silent(t *testing.T, b *browser, page string) {
	t.Helper()
	t.Run("nothing is asked for, and nothing complains", func(t *testing.T) {
		requests, errors := b.heard()
		for _, request := range requests {
			request, _, _ = strings.Cut(request, "#")
			assert.Contains(t, []string{page, "about:blank", "data:,"}, request)
		}
		assert.Empty(t, errors)
		assert.True(t, ask[bool](t, b, `fetch("https://example.com/").then(() => false, () => true)`), "the policy forbids requests")
		after, errors := b.heard()
		assert.NotEmpty(t, errors, "a complaint is heard")
		assert.Len(t, after, len(requests))
	})
}
