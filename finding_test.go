package spokewright

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// errorTypes are all types of the tree that are errors, each with the reason why it is no finding.
func errorTypes() map[string]string {
	return map[string]string{
		"internal/finding.Findings":                "it is what is wrong with the input, told once for all",
		"internal/constraint/cueparse.Unsupported": "it points into the syntax of a constraint: package schema, which knows the file, makes the finding",
		"internal/constraint/cueparse.Errors":      "several of those",
		"internal/watchdog.Ended":                  "a signal ended the program: nothing is wrong with the input",
		"cmd/spokewright.plainError":               "a file that cannot be read or written, in plain words: the tool failed",
		"conformance/rpc.Error":                    "the answer of a server that a test talks to",
		"conformance/hub.Refusal":                  "the answer of an API server that a test talks to",
	}
}

// sources are the parsed Go files of the tree by their paths, tests not among them.
func sources(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	set, files := token.NewFileSet(), map[string]*ast.File{}
	require.NoError(t, filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "testdata":
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			files[filepath.ToSlash(name)], err = parser.ParseFile(set, name, nil, 0)
		}
		return err
	}))
	return set, files
}

// TestOneTypeIsAFinding lists every type with an Error method.
func TestOneTypeIsAFinding(t *testing.T) {
	_, files := sources(t)
	found := map[string]string{}
	for name, file := range files {
		for _, decl := range file.Decls {
			method, ok := decl.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "Error" || method.Type.Results == nil {
				continue
			}
			receiver := method.Recv.List[0].Type
			if star, isPointer := receiver.(*ast.StarExpr); isPointer {
				receiver = star.X
			}
			id := filepath.ToSlash(filepath.Dir(name)) + "." + receiver.(*ast.Ident).Name
			found[id] = errorTypes()[id]
			assert.NotEmpty(t, found[id], "%s: an error about the input is finding.Findings; of another, say here why it is none", id)
		}
	}
	assert.Equal(t, errorTypes(), found, "a type of the list is gone")
}

// TestOneHomeForWords: there is one edit distance, one shortener, one notation of paths and one way to list words, in
// package finding.
func TestOneHomeForWords(t *testing.T) {
	known := map[string]string{
		"internal/constraint/english.go: \"...\"": "CUE's own sign for more elements",
		"internal/manifest/traits.go: \"...\"":    "YAML's own sign for the end of a document",
		"internal/review/visible.go: \"…\"":       "of two values the middle goes, so that what differs stays; finding.Shorten cuts the end",
	}
	suspicious := regexp.MustCompile(`(?i)^(edits|edit_?distance|levenshtein|nearest|shorten(ed)?|truncate|ellipsis|enumerate)$`)
	set, files := sources(t)
	for name, file := range files {
		if strings.HasPrefix(name, "internal/finding/") || strings.HasPrefix(name, "conformance/") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if suspicious.MatchString(n.Name.Name) && !delegates(n) {
					t.Errorf("%s: %s: package finding has it", set.Position(n.Pos()), n.Name.Name)
				}
			case *ast.BasicLit:
				text, err := strconv.Unquote(n.Value)
				if n.Kind == token.STRING && err == nil && (text == "…" || text == "...") && known[name+": "+n.Value] == "" {
					t.Errorf("%s: %s: finding.Shorten and finding.Quote cut", set.Position(n.Pos()), n.Value)
				}
				if err == nil && (strings.HasSuffix(text, `["`) || text == `"]`) {
					t.Errorf("%s: %s: finding.Path writes paths", set.Position(n.Pos()), n.Value)
				}
			}
			return true
		})
	}
}

// delegates says whether a function does nothing but call package finding.
func delegates(f *ast.FuncDecl) bool {
	if len(f.Body.List) != 1 {
		return false
	}
	result, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(result.Results) != 1 {
		return false
	}
	call, ok := result.Results[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	chosen, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := chosen.X.(*ast.Ident)
	return ok && from.Name == "finding"
}
