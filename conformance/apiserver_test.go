package conformance

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// The golden renders, and samples of kinds and fields that the fleet at the root may not use, are put before the real
// API server with the real definitions, strictly and without a change. What is broken in them on purpose it must refuse.
func TestGoldenIsAcceptedByTheAPIServer(t *testing.T) {
	ctx := process.Context(t)
	emitted, samples := golden(t), read(t, "testdata/accepted")
	all := slices.Concat(emitted, samples)
	server := furnished(ctx, t, all)

	t.Run("accepted", func(t *testing.T) {
		began := time.Now()
		seen := map[string]bool{}
		for _, document := range all {
			warnings, err := server.Judge(ctx, document)
			if err != nil {
				t.Error(err)
			}
			for _, warning := range warnings {
				if !seen[warning] {
					t.Logf("%s: warning: %s", document.Source, warning)
				}
				seen[warning] = true
			}
		}
		t.Logf("%d objects of %d kinds in golden and %d of %d in samples judged in %.1f s", len(emitted), len(oneOfEachKind(emitted)),
			len(samples), len(oneOfEachKind(samples)), time.Since(began).Seconds())
	})
	t.Run("refused", func(t *testing.T) {
		for _, document := range read(t, "testdata/refused") {
			mustRefuse(ctx, t, server, document.Source, document, reason(t, document))
		}
	})
	t.Run("broken", func(t *testing.T) {
		for kind, document := range oneOfEachKind(all) {
			t.Run(kind, func(t *testing.T) { mustRefuseBroken(ctx, t, server, document) })
		}
	})
}

// golden gives what the fleet at the root renders to. Where there is a fleet, there are golden files with objects in them.
func golden(t *testing.T) []documents.Document {
	t.Helper()
	if _, err := os.Stat("../environments"); errors.Is(err, os.ErrNotExist) {
		t.Log("there is no fleet at the root: only samples are judged")
		return nil
	}
	return judgeable(t, read(t, "../golden"))
}

// judgeable leaves out what configures the clouds' providers where nobody said where their definitions are.
func judgeable(t *testing.T, all []documents.Document) []documents.Document {
	t.Helper()
	if os.Getenv(providerDefinitions) != "" {
		return all
	}
	left := slices.DeleteFunc(slices.Clone(all), func(document documents.Document) bool { return ofProvider(document.ID()) })
	if out := len(all) - len(left); out > 0 {
		t.Logf("NOT CHECKED: %d objects that configure the clouds' providers: %s names no folder with their definitions", out, providerDefinitions)
	}
	return left
}

func read(t *testing.T, folder string) []documents.Document {
	t.Helper()
	all, err := documents.ReadFolder(filepath.FromSlash(folder))
	require.NoError(t, err)
	require.NotEmpty(t, all, "no objects in %s", folder)
	return all
}

// furnished is a hub with everything the documents take for granted: the definitions of the real projects, those that
// Crossplane makes of the documents' own XRDs, and the namespaces they name.
func furnished(ctx context.Context, t *testing.T, all []documents.Document) *hub.Hub {
	t.Helper()
	server := hub.Start(t, cache(t))
	began := time.Now()
	var definitions []documents.Document
	for _, project := range crds.Projects() {
		more, err := crds.Read(ctx, project)
		require.NoError(t, err)
		definitions = append(definitions, more...)
	}
	if groups := groupsOf(all); len(groups) > 0 {
		definitions = append(definitions, withoutConversion(t, definitionsOf(t, groups))...)
	}
	definitions = append(definitions, composites(t, all)...)
	require.NoError(t, server.Define(ctx, definitions))
	namespaces := map[string]bool{}
	for _, document := range all {
		namespaces[document.ID().Namespace] = true
	}
	delete(namespaces, "")
	for name := range namespaces {
		require.NoError(t, server.Apply(ctx, namespace(t, name)))
	}
	t.Logf("%d definitions and %d namespaces ready after %.1f s", len(definitions), len(namespaces), time.Since(began).Seconds())
	return server
}

func namespace(t *testing.T, name string) documents.Document {
	t.Helper()
	document, err := documents.Of("namespace "+name, manifest.Object{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	})
	require.NoError(t, err)
	return document
}

// oneOfEachKind picks, for each apiVersion and kind, the document that says most.
func oneOfEachKind(all []documents.Document) map[string]documents.Document {
	picked := map[string]documents.Document{}
	for _, document := range all {
		kind := strings.ReplaceAll(document.ID().APIVersion, "/", "_") + "_" + document.ID().Kind
		if len(document.Text) > len(picked[kind].Text) {
			picked[kind] = document
		}
	}
	return picked
}

// reason is what the refusal of a sample must say: its first line, after "# refused: ".
func reason(t *testing.T, document documents.Document) string {
	t.Helper()
	line, _, _ := strings.Cut(strings.TrimSpace(string(document.Text)), "\n")
	text, found := strings.CutPrefix(line, "# refused: ")
	require.True(t, found, "%s must begin with `# refused: ` and a part of the refusal", document.Source)
	return text
}

// mustRefuse fails the test unless the object is refused for the reason that is meant: a server that refuses for any
// other is no proof.
func mustRefuse(ctx context.Context, t *testing.T, server *hub.Hub, what string, document documents.Document, reason string) {
	t.Helper()
	_, err := server.Judge(ctx, document)
	if assert.Error(t, err, "%s is accepted:\n%s", what, document.Text) {
		assert.Contains(t, said(err), reason, "%s: %s is refused for another reason", document.Source, what)
	}
}

// said is what the server said, without our own words around it; where it was not asked, ours.
func said(err error) string {
	var refusal *hub.Refusal
	if errors.As(err, &refusal) {
		return refusal.Message
	}
	return err.Error()
}
