package fleetmap_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/fleetmap"
	"spokewright.dev/spokewright/schema"
)

const fleet = `name: "harbour"
repository: {url: "https://git.example.com/harbour/fleet.git", revision: "main"}
appRepository: {url: "https://git.example.com/harbour/apps.git", revision: "main"}
owner: "platform"
registries: ["registry.example.com"]
`

// small has one of everything that a map tells of.
func small() map[string]string {
	return map[string]string{
		"fleet": fleet,
		"east":  `class: "production", role: "hub"`,
		"west":  `class: "production", role: "hub"`,
		"prod": `class: "production", hub: "east", owner: "shop"
cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.1.0.0/16", peers: ["stage"]}}
apps: web: {path: "apps/web/prod", images: web: {name: "registry.example.com/web", follow: "~1.4"}}
databases: orders: {engine: "postgres", storageGB: 200}
waivers: young: {rule: "database-survives-failure", until: "2026-12-24", reason: "it \"moves\" </li><script>alert(1)</script>"}`,
		"stage": `class: "staging", hub: "east"
cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.2.0.0/16", peers: ["prod"]}}
apps: web: {path: "apps/web/stage", images: web: {name: "registry.example.com/web", follow: "~1.4"}}`,
		"trial": `class: "development", hub: "west"
cluster: {cloud: "gcp", region: "europe-west1"}
lifetime: expires: "2026-12-01"
apps: {web: {path: "apps/web/trial", revision: "next"}, cache: {repository: "https://charts.example.com", chart: "cache", version: "1.2.3"}}`,
		"going": `class: "development", hub: "west", retiring: "delete"
cluster: {cloud: "azure", region: "westeurope"}`,
	}
}

func read(t *testing.T, files map[string]string) *schema.Fleet {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(text)}
	}
	reader, err := schema.NewReader()
	require.NoError(t, err)
	all, err := reader.Fleet(tree)
	require.NoError(t, err)
	return all
}

func drawn(t *testing.T, files map[string]string) *fleetmap.Map {
	t.Helper()
	return fleetmap.Of(read(t, files), time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC))
}

// TestDrawings compares what is drawn with testdata; SPOKEWRIGHT_UPDATE=1 writes it anew.
func TestDrawings(t *testing.T) {
	m := drawn(t, small())
	m.Show("main (0123abc)", map[string]string{"prod": "danger", "trial": "added"})
	for name, write := range map[string]func(io.Writer, *fleetmap.Map) error{"page.html": fleetmap.HTML, "drawing.svg": fleetmap.SVG, "diagram.mmd": fleetmap.Mermaid} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, write(&got, m))
			file := filepath.Join("testdata", name)
			if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
				require.NoError(t, os.WriteFile(file, got.Bytes(), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
		})
	}
}

func TestTheMapTells(t *testing.T) {
	m := drawn(t, small())
	assert.Equal(t, "Fleet harbour: 2 hubs and 4 spokes on 3 clouds", m.Sentence())
	assert.Equal(t, []fleetmap.Hub{{Name: "east", Environments: []string{"east", "prod", "stage"}}, {Name: "west", Environments: []string{"going", "trial", "west"}}}, m.Hubs)
	require.Len(t, m.Apps, 2)
	web := m.Apps[1]
	assert.Equal(t, "web", web.Name)
	require.Len(t, web.Uses, 2, "the folder that is called as the environment is no difference")
	assert.Equal(t, []string{"prod", "stage"}, web.Uses[0].Environments)
	assert.Equal(t, []string{"registry.example.com/web follows ~1.4"}, web.Uses[0].Images)
	require.Len(t, m.Waivers, 1)
	assert.False(t, m.Waivers[0].Over)
	states := map[string]string{}
	for _, e := range m.Environments {
		states[e.Name] = e.State
	}
	assert.Equal(t, map[string]string{"east": "alive", "west": "alive", "prod": "alive", "stage": "alive", "trial": "expired", "going": "retiring: delete"}, states)
}

// What a spec says stays text.
func TestNothingOnThePageRuns(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, fleetmap.HTML(&page, drawn(t, small())))
	assert.Contains(t, page.String(), "&lt;script&gt;alert(1)")
	assert.Equal(t, 1, strings.Count(page.String(), "<script>"))
}

// A thousand environments are one page of less than a megabyte, the same each time.
func TestAThousandEnvironments(t *testing.T) {
	files := map[string]string{"fleet": fleet, "hub": `class: "production", role: "hub"`}
	regions := []string{"eu-west-1", "eu-central-1", "us-east-1", "us-east-2"}
	for i := range 1000 {
		files[fmt.Sprintf("env-%04d", i)] = fmt.Sprintf(`class: "staging"
cluster: {cloud: "aws", region: %q}
apps: {web: {path: "apps/web/env-%04d"}, shop: {path: "apps/shop"}}
databases: {orders: engine: "postgres", reviews: engine: "mysql"}`, regions[i%len(regions)], i)
	}
	all := read(t, files)
	draw := func(to io.Writer) {
		require.NoError(t, fleetmap.HTML(to, fleetmap.Of(all, time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC))))
	}
	var first, second bytes.Buffer
	draw(&first)
	draw(&second)
	assert.Equal(t, first.String(), second.String())
	assert.Less(t, first.Len(), 1<<20)
	assert.Contains(t, first.String(), "1000 alike")
}
