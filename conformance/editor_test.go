package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
)

// The real cue knows the specs by what `spokewright schema` writes, with no registry in reach.
func TestCUEKnowsTheSpecs(t *testing.T) {
	ctx := process.Context(t)
	cache, err := parts.Open(t.Logf)
	require.NoError(t, err)
	cue, err := cache.Program(ctx, "cue")
	require.NoError(t, err)
	fleet := filepath.Join(t.TempDir(), "fleet")
	require.NoError(t, os.CopyFS(filepath.Join(fleet, "environments"), os.DirFS("../environments")))
	program := exec.CommandContext(ctx, "go", "run", "./cmd/spokewright", "-C", fleet, "schema")
	program.Dir = ".."
	output, err := program.CombinedOutput()
	require.NoError(t, err, string(output))
	vet := func(spec string) (string, error) {
		args := []string{"vet", "environment.schema.cue"}
		if spec == "fleet.cue" {
			args = []string{"vet", "-c=false", "fleet.schema.cue"} // rules hold constraints, which are not concrete
		}
		output, err := offline(ctx, cue, fleet, append(args, "environments/"+spec)...).CombinedOutput()
		return string(output), err
	}
	specs, err := filepath.Glob(filepath.Join(fleet, "environments", "*.cue"))
	require.NoError(t, err)
	require.Greater(t, len(specs), 2)

	for _, file := range specs {
		spec := filepath.Base(file)
		t.Run("vet "+spec, func(t *testing.T) {
			said, err := vet(spec)
			require.NoError(t, err, said)
		})
	}
	for name, c := range map[string]struct{ spec, old, fresh, want string }{
		"a value":           {"prod-eu.cue", `"aws"`, `"asw"`, `cluster.cloud: conflicting values "aws" and "asw"`},
		"a field":           {"prod-eu.cue", "storageGB", "storagGB", "databases.orders.storagGB: field not allowed"},
		"an own field":      {"prod-eu.cue", "\ndatabases:", "\ndatabasse:", "no such field: allowed are role, class"},
		"a bound":           {"prod-eu.cue", "storageGB: 200", "storageGB: 5", "databases.orders.storageGB: invalid value 5"},
		"a field of fleet":  {"fleet.cue", "repository:", "repositry:", "repositry"},
		"a value of fleet":  {"fleet.cue", "https://", "http://", "repository.url"},
		"an action of rule": {"fleet.cue", `"warn"`, `"refuse"`, "action"},
	} {
		t.Run("vet refuses "+name, func(t *testing.T) {
			file := filepath.Join(fleet, "environments", c.spec)
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Contains(t, string(text), c.old)
			require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), c.old, c.fresh, 1)), 0o644))
			defer func() { require.NoError(t, os.WriteFile(file, text, 0o644)) }()
			said, err := vet(c.spec)
			require.Error(t, err)
			require.Contains(t, said, c.want)
		})
	}
	t.Run("lsp completes and explains", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(fleet, "environments/prod-eu.cue"))
		require.NoError(t, err)
		e := openEditor(ctx, t, cue, fleet, "environments/prod-eu.cue", "package environment\n"+string(text)+"d\ncluster: ver\n")
		last := strings.Count(string(text), "\n") + 1
		require.Subset(t, e.complete(last, 1), []string{"addons", "description", "namespaces", "owner"}, "fields that the file has not yet")
		require.Contains(t, e.complete(last+1, len("cluster: ver")), "version", "fields of a definition within")
		require.Contains(t, e.hover(2, 2), "The Kubernetes cluster", "the definition's comment")
	})
}

// offline is cue in a folder, where any use of a registry fails.
func offline(ctx context.Context, cue, folder string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, cue, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "CUE_REGISTRY=none", "CUE_CACHE_DIR="+filepath.Join(folder, ".cache"))
	return command
}

// editor speaks the language server protocol with `cue lsp` about one open file.
type editor struct {
	t      *testing.T
	in     io.Writer
	out    *bufio.Reader
	uri    string
	number int
}

func openEditor(ctx context.Context, t *testing.T, cue, folder, file, text string) *editor {
	command := offline(ctx, cue, folder, "lsp")
	in, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	root := "file://" + folder
	e := &editor{t: t, in: in, out: bufio.NewReader(out), uri: root + "/" + file}
	e.ask("initialize", map[string]any{
		"rootUri": root, "workspaceFolders": []any{map[string]any{"uri": root, "name": "fleet"}},
		"capabilities": map[string]any{"workspace": map[string]any{"workspaceFolders": true, "configuration": true}},
	})
	e.send(map[string]any{"method": "initialized", "params": map[string]any{}})
	e.send(map[string]any{"method": "textDocument/didOpen", "params": map[string]any{
		"textDocument": map[string]any{"uri": e.uri, "languageId": "cue", "version": 1, "text": text},
	}})
	return e
}

// complete gives the labels that are offered at a place; lines and characters count from 0.
func (e *editor) complete(line, character int) []string {
	var list struct{ Items []struct{ Label string } }
	require.NoError(e.t, json.Unmarshal(e.ask("textDocument/completion", e.at(line, character)), &list))
	var labels []string
	for _, item := range list.Items {
		labels = append(labels, item.Label)
	}
	return labels
}

func (e *editor) hover(line, character int) string {
	return string(e.ask("textDocument/hover", e.at(line, character)))
}

func (e *editor) at(line, character int) map[string]any {
	return map[string]any{
		"textDocument": map[string]any{"uri": e.uri}, "position": map[string]any{"line": line, "character": character},
	}
}

// ask sends a request and waits for its answer. What the server asks meanwhile gets an empty answer.
func (e *editor) ask(method string, params map[string]any) json.RawMessage {
	e.number++
	e.send(map[string]any{"id": e.number, "method": method, "params": params})
	for {
		m := e.receive()
		switch {
		case m.Method != "" && m.ID != nil && m.Method == "workspace/configuration":
			e.send(map[string]any{"id": m.ID, "result": make([]any, len(m.Params.Items))})
		case m.Method != "" && m.ID != nil:
			e.send(map[string]any{"id": m.ID, "result": nil})
		case m.Method == "" && string(m.ID) == strconv.Itoa(e.number):
			require.Nil(e.t, m.Error, "%s: %s", method, m.Error)
			return m.Result
		}
	}
}

type message struct {
	ID            json.RawMessage
	Method        string
	Params        struct{ Items []any }
	Result, Error json.RawMessage
}

func (e *editor) send(m map[string]any) {
	m["jsonrpc"] = "2.0"
	text, err := json.Marshal(m)
	require.NoError(e.t, err)
	_, err = fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(text), text)
	require.NoError(e.t, err)
}

func (e *editor) receive() message {
	header, err := textproto.NewReader(e.out).ReadMIMEHeader()
	require.NoError(e.t, err)
	length, err := strconv.Atoi(header.Get("Content-Length"))
	require.NoError(e.t, err)
	text := make([]byte, length)
	_, err = io.ReadFull(e.out, text)
	require.NoError(e.t, err)
	var m message
	_ = json.Unmarshal(text, &m) // params of other shapes are none of ours
	return m
}
