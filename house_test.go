// Package spokewright holds no code: the rooms are below. These tests hold what ARCHITECTURE.md says of them.
package spokewright

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// module is this module's path.
const module = "spokewright.dev/spokewright/"

// floors are the rooms from the bottom up: a room imports only from floors below its own, and functions never meet.
func floors() [][]string {
	return [][]string{
		{"bases", "internal/finding"},
		{"internal/cloud", "internal/constraint", "internal/cueedit", "internal/draft", "internal/externalname", "internal/limitfs", "internal/manifest", "internal/property", "internal/rendercache", "internal/revision", "internal/rights", "internal/telemetry", "internal/terminal",
			"internal/textdiff", "internal/tracefs", "internal/watchdog", "internal/webpage", "internal/word"},
		{"internal/claim", "internal/constraint/cel", "internal/constraint/cueparse", "internal/crossplane/compositions",
			"internal/crossplane/xrd", "internal/manifest/manifesttest", "internal/merge", "internal/mutability", "internal/mutate"},
		{"internal/baseline", "internal/constraint/openapi", "internal/crd", "internal/cuefile"},
		{"internal/crossplane/definitions", "schema"},
		{"internal/argocd", "internal/editor", "internal/fleetmap", "internal/judge", "internal/overlay"},
		{"functions/accounts", "functions/addons", "functions/applications", "functions/claims", "functions/credentials", "functions/fleet", "functions/images",
			"functions/namespaces", "functions/policies", "functions/registration", "functions/workspaces"},
		{"functions", "internal/change", "internal/guard", "internal/policytest", "internal/recording", "internal/rollout"},
		{"internal/krm", "internal/kustomize", "internal/likeness"},
		{"internal/applicationset", "internal/render"},
		{"internal/atomicdir", "internal/bootstrap", "internal/cause", "internal/chart", "internal/doctor", "internal/lifecycle", "internal/plugin", "internal/remember", "internal/review", "internal/scaffold", "internal/snapshot"},
		{"internal/check"},
		{"bench", "cmd/spokewright"},
	}
}

// room is a Go package of this module.
type room struct {
	name    string // its folder, relative to the root
	imports []string
	files   []string // Go files without tests
}

// rooms are all, as the go command lists them.
var rooms = sync.OnceValues(func() ([]room, error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles,IgnoredGoFiles", "./...").Output()
	if err != nil {
		return nil, err
	}
	var all []room
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct {
			ImportPath, Dir                  string
			Imports, GoFiles, IgnoredGoFiles []string
		}
		switch err := decoder.Decode(&listed); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		r := room{name: strings.TrimPrefix(listed.ImportPath, module), imports: listed.Imports, files: listed.GoFiles}
		for _, file := range listed.IgnoredGoFiles { // of other systems
			if !strings.HasSuffix(file, "_test.go") {
				r.files = append(r.files, file)
			}
		}
		if len(listed.GoFiles) > 0 {
			all = append(all, r)
		}
	}
})

func listRooms(t *testing.T) []room {
	t.Helper()
	all, err := rooms()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

func TestArrowsGoOneWay(t *testing.T) {
	floor := map[string]int{}
	for number, rooms := range floors() {
		for _, room := range rooms {
			floor[room] = number
		}
	}
	for _, room := range listRooms(t) {
		require.Contains(t, floor, room.name, "a new room needs its floor here")
		for _, imported := range room.imports {
			if other, ours := strings.CutPrefix(imported, module); ours {
				assert.Less(t, floor[other], floor[room.name], "%s imports %s", room.name, other)
			}
			for _, heavy := range []string{"github.com/argoproj/", "github.com/kyverno/", "github.com/crossplane/", "k8s.io/kubernetes"} {
				assert.False(t, strings.HasPrefix(imported, heavy), "%s imports %s: only the conformance module may", room.name, imported)
			}
		}
	}
	assert.Len(t, listRooms(t), len(floor), "a room of the list is gone")
}

// TestTheListingIsTheDesign lists the folders that a newcomer sees first.
func TestTheListingIsTheDesign(t *testing.T) {
	allowed := strings.Fields("cmd functions schema internal environments overlays bases golden conformance bench docs")
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() && !strings.HasPrefix(name, ".") && name != "bin" { // make build
			assert.Contains(t, allowed, name, "what is it to a user? Go rooms are below internal/")
		}
	}
}

// TestNoRoomIsTooLarge holds that no room has more than a sixth of the code, or more than twenty files that people write:
// the program may have one for each of its verbs and six more.
func TestNoRoomIsTooLarge(t *testing.T) {
	lines, total := map[string]int{}, 0
	for _, room := range listRooms(t) {
		files := slices.DeleteFunc(slices.Clone(room.files), func(file string) bool {
			return strings.HasPrefix(read(t, room.name, file), "// Code generated ")
		})
		if room.name == "cmd/spokewright" {
			others := slices.DeleteFunc(slices.Clone(files), func(file string) bool {
				return strings.Contains(read(t, room.name, file), "Command(") && !slices.Contains([]string{"root.go", "main.go"}, file)
			})
			assert.LessOrEqual(t, len(others), 6, "%s: one file a verb, and %s", room.name, others)
		} else {
			assert.LessOrEqual(t, len(files), 20, "%s has more than twenty files", room.name)
		}
		for _, file := range files {
			lines[room.name] += strings.Count(read(t, room.name, file), "\n")
		}
		total += lines[room.name]
	}
	for room, n := range lines {
		assert.LessOrEqual(t, n, total/6, "%s has %d of %d lines: more than a sixth", room, n, total)
	}
}

// TestFilesOfOtherSystemsBelongToTheirRoom reads the files that this system's compiler never sees.
func TestFilesOfOtherSystemsBelongToTheirRoom(t *testing.T) {
	for _, room := range listRooms(t) {
		packages := map[string]bool{}
		for _, file := range room.files {
			packages[regexp.MustCompile(`(?m)^package \w+$`).FindString(read(t, room.name, file))] = true
		}
		assert.Len(t, packages, 1, "%s: %v", room.name, packages)
	}
}

func read(t *testing.T, elements ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elements...))
	require.NoError(t, err)
	return string(text)
}

// TestEveryRoomSaysWhatItIsFor reads the comments of packages: one, of one to five lines.
func TestEveryRoomSaysWhatItIsFor(t *testing.T) {
	for _, room := range listRooms(t) {
		var docs []int
		for _, file := range room.files {
			before, _, _ := strings.Cut("\n"+read(t, room.name, file), "\npackage ")
			comment := before[strings.LastIndex(before, "\n\n")+1:]
			if n := strings.Count(comment, "\n// "); n > 0 && !strings.Contains(comment, "Code generated") {
				docs = append(docs, n)
			}
		}
		if assert.Len(t, docs, 1, "%s: packages have one comment, in one file", room.name) {
			assert.LessOrEqual(t, docs[0], 5, "%s: a comment of more than five lines belongs into ARCHITECTURE.md", room.name)
		}
	}
}

// TestHeavyLibrariesHaveHomes holds depguard's list in .golangci.yml, which says where each library may be imported: this
// test runs without the linter.
func TestHeavyLibrariesHaveHomes(t *testing.T) {
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Files []string
						Deny  []struct{ Pkg, Desc string }
					}
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".golangci.yml")), &config))
	rules := config.Linters.Settings.Depguard.Rules
	require.Contains(t, rules, "cue")
	for name, rule := range rules {
		homes := map[string]bool{}
		for _, file := range rule.Files {
			if home, ok := strings.CutPrefix(file, "!**/"); ok {
				homes[path.Dir(home)] = false
			}
		}
		for _, room := range listRooms(t) {
			for _, imported := range room.imports {
				for _, heavy := range rule.Deny {
					if imported != heavy.Pkg && !strings.HasPrefix(imported, heavy.Pkg+"/") {
						continue
					}
					assert.Contains(t, homes, room.name, "%s imports %s: %s", room.name, imported, heavy.Desc)
					homes[room.name] = true
				}
			}
		}
		for home, used := range homes {
			assert.True(t, used, fmt.Sprintf("%s needs the home %s no longer: take it off the list", name, home))
		}
	}
}

// TestThePictureIsTheCode compares the picture in ARCHITECTURE.md with the imports; SPOKEWRIGHT_UPDATE=1 draws it anew.
func TestThePictureIsTheCode(t *testing.T) {
	const file, begin, end = "ARCHITECTURE.md", "<!-- picture -->\n", "<!-- end of picture -->"
	text := read(t, file)
	before, rest, found := strings.Cut(text, begin)
	require.True(t, found, begin)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, end)
	want := before + begin + picture(listRooms(t)) + end + after
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, text, "make picture draws it anew")
}

// picture draws the rooms, from the top floor down, with the imports that do not follow from others. Functions are one box.
func picture(all []room) string {
	box := func(name string) string {
		if strings.HasPrefix(name, "functions/") {
			return "functions/*"
		}
		return strings.TrimPrefix(name, "internal/")
	}
	below := map[string]map[string]bool{}
	for _, room := range all {
		from := box(room.name)
		if below[from] == nil {
			below[from] = map[string]bool{}
		}
		for _, imported := range room.imports {
			if other, ours := strings.CutPrefix(imported, module); ours && box(other) != from {
				below[from][box(other)] = true
			}
		}
	}
	var reaches func(from, to string) bool
	reaches = func(from, to string) bool {
		for next := range below[from] {
			if next == to || reaches(next, to) {
				return true
			}
		}
		return false
	}
	var lines strings.Builder
	lines.WriteString("```mermaid\nflowchart TD\n")
	for _, from := range slices.Sorted(maps.Keys(below)) {
		for _, to := range slices.Sorted(maps.Keys(below[from])) {
			follows := false
			for other := range below[from] {
				follows = follows || other != to && reaches(other, to)
			}
			if !follows {
				fmt.Fprintf(&lines, "    %s[\"%s\"] --> %s[\"%s\"]\n", node(from), from, node(to), to)
			}
		}
	}
	lines.WriteString("```\n")
	return lines.String()
}

// node is a name that mermaid takes for an identifier.
func node(name string) string { return strings.NewReplacer("/", "_", "*", "each").Replace(name) }

// TestFault6ThePagesNameWhatIsThere finds every file and folder that the pages for contributors name, and every room in the map.
func TestFault6ThePagesNameWhatIsThere(t *testing.T) {
	pages := read(t, "ARCHITECTURE.md") + read(t, "CONTRIBUTING.md")
	for _, match := range regexp.MustCompile("`((?:cmd|functions|schema|internal|docs|conformance|bench|golden|environments)/[^` ]*|[A-Za-z_]+\\.(?:md|go|yml))`").FindAllStringSubmatch(pages, -1) {
		name := strings.ReplaceAll(match[1], "NAME", "claims")
		_, err := os.Stat(name)
		require.NoError(t, err, "a page names %s", match[1])
	}
	for _, room := range listRooms(t) {
		if name, internal := strings.CutPrefix(room.name, "internal/"); internal {
			assert.Contains(t, pages, "`"+name, "the map in ARCHITECTURE.md does not name it")
		}
	}
}

// TestFault6AFunctionIsKnownEverywhere follows CONTRIBUTING's recipe for each function that there is (fault 6).
func TestFault6AFunctionIsKnownEverywhere(t *testing.T) {
	list := read(t, "functions", "functions.go")
	var kinds []string
	for _, match := range regexp.MustCompile(`\{"(\w+)", (\w+)\.Make\}`).FindAllStringSubmatch(list, -1) {
		kind, name := match[1], match[2]
		kinds = append(kinds, kind)
		assert.FileExists(t, filepath.Join("functions", name, name+".go"))
		assert.Contains(t, slices.Concat(floors()...), "functions/"+name, "house_test.go has its floor")
		assert.Contains(t, read(t, "README.md"), "`"+kind+"`", "README.md lists what can be used alone")
		for _, file := range []string{"cmd/spokewright/testdata/script/bad_fn_kind.txtar", "cmd/spokewright/testdata/script/bad_config_kind.txtar", "internal/krm/krm_test.go"} {
			assert.Contains(t, read(t, file), kind, "%s lists all kinds", file)
		}
	}
	folders, err := filepath.Glob("functions/*/*.go")
	require.NoError(t, err)
	names := map[string]bool{}
	for _, file := range folders {
		names[filepath.Dir(file)] = true
	}
	require.Len(t, kinds, len(names), "each folder is a function of List")
	for _, step := range []string{"functions/functions.go", "house_test.go", "README.md", "internal/krm/krm_test.go", "make picture", "make tables", "make golden"} {
		assert.Contains(t, read(t, "CONTRIBUTING.md"), step, "the recipe is short of a step")
	}
}

// TestPropertiesAreNotRedByChance: every property is checked by package property, which keeps its draws.
func TestPropertiesAreNotRedByChance(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasPrefix(file, "internal/property/") || file == "house_test.go" {
			return err
		}
		text, err := os.ReadFile(file)
		assert.NotContains(t, string(text), "rapid.Check(", "%s: use property.Check", file)
		return err
	})
	require.NoError(t, err)
}
