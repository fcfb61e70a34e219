// Package kyverno asks the real Kyverno CLI how policies find objects, and reads its word for each pair of them, never
// its exit code. It is not for admission: that has a server of its own.
package kyverno

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// CLI is the program.
type CLI struct{ Program string }

// Request is what to ask in one run, which takes half a second and some 10 ms for each pair of object and policy: the
// CLI compiles every policy anew for every object.
type Request struct {
	Policies, Exceptions, Objects []manifest.Object
	Operation                     string            // "CREATE" where nothing is said, "UPDATE" or "DELETE"
	Definitions                   []manifest.Object // of custom resources; kinds without one get a plural by guess
}

// Pair is a policy, as [NAMESPACE/]NAME, and an object, as [NAMESPACE/]KIND/NAME.
type Pair struct{ Policy, Object string }

// PairOf names a policy and an object.
func PairOf(policy, object manifest.Object) Pair {
	return Pair{path(manifest.Identify(policy), ""), path(manifest.Identify(object), manifest.Identify(object).Kind)}
}

func path(id manifest.ID, kind string) string {
	parts := []string{id.Namespace, kind, id.Name}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "/")
}

// Answer is a verdict ("pass", "fail", "warn", "skip" or "error") with its reason.
type Answer struct{ Verdict, Message string }

// Judge gives the answers. A pair without one does not match. Everything that the CLI says beside them is an error, and so
// is a policy or an object that it did not load.
func (c CLI) Judge(ctx context.Context, folder string, r Request) (map[Pair]Answer, error) {
	args, err := c.files(folder, r)
	if err != nil {
		return nil, err
	}
	output, err := c.run(ctx, folder, append(args, "--table", "--detailed-results", "--remove-color"))
	if err != nil {
		return nil, err
	}
	head, table, _ := strings.Cut(string(output), "\n│")
	if err := loaded(head, r); err != nil {
		return nil, err
	}
	return answers(table)
}

// files writes what the CLI reads and gives the arguments that name it.
func (c CLI) files(folder string, r Request) ([]string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	args := []string{"apply"}
	for _, file := range []struct {
		flag, name string
		objects    []manifest.Object
	}{{"", "policies", r.Policies}, {"--resource", "objects", r.Objects}, {"--exceptions", "exceptions", r.Exceptions}, {"--crd-paths", "definitions", r.Definitions}} {
		if len(file.objects) == 0 {
			continue
		}
		path := filepath.Join(folder, file.name+".yaml")
		if err := os.WriteFile(path, manifest.Stream(file.objects), 0o600); err != nil {
			return nil, err
		}
		if file.flag != "" {
			args = append(args, file.flag)
		}
		args = append(args, path)
	}
	if r.Operation == "" || r.Operation == "CREATE" {
		return args, nil
	}
	values := filepath.Join(folder, "values.yaml")
	text := "apiVersion: cli.kyverno.io/v1alpha1\nkind: Values\nglobalValues: {request.operation: " + r.Operation + "}\n"
	return append(args, "--values-file", values), os.WriteFile(values, []byte(text), 0o600)
}

// run gives what the CLI writes to stdout. It exits with 1 where an object fails; that is no error here, but a word on
// stderr that is not about that is one.
func (c CLI) run(ctx context.Context, folder string, args []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.Program, args...)
	cmd.Dir = folder
	// It reaches registries on loopback and nothing else, for which the proxy is not there.
	cmd.Env = append(os.Environ(), "HOME="+folder, "HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	if said := complaint(stderr.String()); said != "" {
		return nil, fmt.Errorf("kyverno apply: %s", said)
	}
	if err != nil && exit.ExitCode() != 1 {
		return nil, fmt.Errorf("kyverno apply: %w", err)
	}
	return stdout.Bytes(), nil
}

// complaint is what stands on stderr beside the reason of the exit code.
func complaint(stderr string) string {
	var lines []string
	for line := range strings.Lines(stderr) {
		switch strings.TrimSpace(line) {
		case "", "Error: exit as there are policy violations", "Error: exit as there are policy errors":
		default:
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, "\n")
}

// applying is the line in which the CLI tells how much it loaded.
var applying = regexp.MustCompile(`^Applying (\d+) policy rule\(s\) to (\d+) resource\(s\)(?: with (\d+) exception\(s\))?\.\.\.$`)

// loaded wants the CLI to have read all there is, and to have said nothing else before its table: it leaves out what it
// cannot read, and a deprecation is a warning.
func loaded(head string, r Request) error {
	head = strings.TrimSpace(head)
	parts := applying.FindStringSubmatch(head)
	if parts == nil {
		return fmt.Errorf("kyverno apply: %s", head)
	}
	for i, wanted := range []int{len(r.Policies), len(r.Objects), len(r.Exceptions)} {
		if found, _ := strconv.Atoi(parts[i+1]); found != wanted {
			return fmt.Errorf("kyverno apply loaded %q, not %d policies, %d objects and %d exceptions", head, len(r.Policies), len(r.Objects), len(r.Exceptions))
		}
	}
	return nil
}

// The columns of the table, from the left border on.
const (
	columnPolicy   = 2
	columnResource = 4
	columnResult   = 5
	columnMessage  = 7
	columns        = 9
)

func answers(table string) (map[Pair]Answer, error) {
	all := map[Pair]Answer{}
	for line := range strings.Lines(table) {
		cells := strings.Split("│"+strings.TrimPrefix(line, "│"), "│")
		if len(cells) != columns || strings.Contains(cells[1], "──") || strings.Contains(cells[1], "ID") {
			if strings.Contains(line, "│") && len(cells) != columns {
				return nil, fmt.Errorf("kyverno apply: a line of the table that cannot be read: %s", line)
			}
			continue
		}
		pair := Pair{strings.TrimSpace(cells[columnPolicy]), strings.TrimSpace(cells[columnResource])}
		answer := Answer{strings.ToLower(strings.TrimSpace(cells[columnResult])), strings.TrimSpace(cells[columnMessage])}
		if was, twice := all[pair]; twice {
			return nil, fmt.Errorf("kyverno apply: two verdicts of %s on %s: %s and %s", pair.Policy, pair.Object, was.Verdict, answer.Verdict)
		}
		all[pair] = answer
	}
	return all, nil
}
