package bootstrap

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// State says where OpenTofu keeps what it knows of a hub.
type State struct {
	Backend  string
	Settings map[string]string
}

// Needed are the settings that each backend cannot do without; a root never guesses one.
func Needed() map[string][]string {
	return map[string][]string{
		"s3":      {"bucket", "key", "region"},
		"gcs":     {"bucket", "prefix"},
		"azurerm": {"container_name", "key", "resource_group_name", "storage_account_name"},
		"local":   {"path"},
	}
}

// ParseState reads a backend, and its settings as NAME=VALUE.
func ParseState(backend string, settings []string) (State, error) {
	needed, known := Needed()[backend]
	backends := slices.Sorted(maps.Keys(Needed()))
	if !known {
		return State{}, finding.Findings{{Code: finding.CommandLine, Message: fmt.Sprintf("--backend: found %q, allowed is %s: it says where the state is kept", backend, finding.OneOf(finding.Quoted(backends))),
			Suggestion: finding.Suggest(backend, backends)}}
	}
	state := State{backend, map[string]string{}}
	var problems finding.Findings
	for _, setting := range settings {
		name, value, is := strings.Cut(setting, "=")
		switch _, twice := state.Settings[name]; {
		case !is || name == "" || value == "" || strings.ContainsAny(name, " \t\"{}"):
			problems = append(problems, finding.Finding{Code: finding.CommandLine, Message: fmt.Sprintf("--state: found %q, allowed is NAME=VALUE", setting)})
		case twice:
			problems = append(problems, finding.Finding{Code: finding.CommandLine, Message: fmt.Sprintf("--state: found %s for a second time", name)})
		default:
			state.Settings[name] = value
		}
	}
	for _, name := range needed {
		if state.Settings[name] != "" {
			continue
		}
		f := finding.Finding{Code: finding.CommandLine, Message: fmt.Sprintf("--state: %s is missing: the backend %q needs %s", name, backend, finding.AllOf(needed))}
		if given := misspelt(name, needed, state.Settings); given != "" {
			f.Message, f.Suggestion = fmt.Sprintf("--state: found %s, and %s is missing: the backend %q needs %s", given, name, backend, finding.AllOf(needed)), name
		}
		problems = append(problems, f)
	}
	return state, problems.Err()
}

// misspelt is the setting that was given in the place of one that is needed; empty where there is none. Backends have more
// settings than they need, so that others may be right.
func misspelt(name string, needed []string, given map[string]string) string {
	for _, other := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(needed, other) && finding.Suggest(other, []string{name}) != "" {
			return other
		}
	}
	return ""
}

// terragrunt is the file that has all that one hub differs by.
func terragrunt(hub string, state State, inputs map[string]any) []byte {
	settings := map[string]any{}
	for name, value := range state.Settings {
		settings[name] = value
	}
	var text strings.Builder
	fmt.Fprintf(&text, "# What the hub %s has of its own; all other files are the same for every hub of its cloud. `spokewright bootstrap %[1]s`\n# writes it from environments/%[1]s.cue.\n\n", hub)
	fmt.Fprintf(&text, "terraform_binary = \"tofu\"\n\nremote_state {\n  backend = %s\n  generate = {\n    path      = \"backend.tf\"\n    if_exists = \"overwrite\"\n  }\n  config = %s\n}\n\n", quoted(state.Backend), block(settings, "  "))
	fmt.Fprintf(&text, "inputs = %s\n", block(inputs, ""))
	return []byte(text.String())
}

// block is a map with a line for each of its fields, their values below each other.
func block(fields map[string]any, indent string) string {
	names := slices.Sorted(maps.Keys(fields))
	width := 0
	for _, name := range names {
		width = max(width, len(name))
	}
	var text strings.Builder
	text.WriteString("{\n")
	for _, name := range names {
		fmt.Fprintf(&text, "%s  %-*s = %s\n", indent, width, name, literal(fields[name]))
	}
	return text.String() + indent + "}"
}

// literal is data in the syntax of HCL, on one line.
func literal(value any) string {
	switch value := value.(type) {
	case map[string]any:
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(value)) {
			fields = append(fields, name+" = "+literal(value[name]))
		}
		return "{ " + strings.Join(fields, ", ") + " }"
	case []any:
		var items []string
		for _, item := range value {
			items = append(items, literal(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case string:
		return quoted(value)
	case bool:
		return strconv.FormatBool(value)
	}
	return fmt.Sprint(value) // whole numbers
}

// quoted is a text of which HCL takes no part for an expression.
func quoted(text string) string {
	text = strconv.Quote(text)
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
}
