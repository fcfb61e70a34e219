package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/constraint/openapi"
	"spokewright.dev/spokewright/internal/editor"
	"spokewright.dev/spokewright/internal/finding"
)

func schemaCommand(o *options) *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "schema [environment|fleet]",
		Short: "Write what an editor and cue vet need to know the specs, or print a schema",
		Long: `Without an argument, writes the definitions into the fleet, so that "cue lsp" completes and "cue vet" checks its files,
offline. Files that begin with "package environment" (fleet.cue: "package fleet") are completed; the clause changes nothing else.

  cue vet environment.schema.cue environments/NAME.cue
  cue vet -c=false fleet.schema.cue environments/fleet.cue

With an argument, prints one definition: as CUE, or as JSON Schema for the YAML form that a functionConfig holds. They
know names and values; "spokewright check" knows the rest.`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"environment", "fleet"},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 && c.Flags().Changed("output"):
				return finding.Wrong(finding.CommandLine, "--output: allowed with \"environment\" or \"fleet\" only")
			case len(args) == 0:
				return writeEditorFiles(o, c.ErrOrStderr())
			}
			return printSchema(c.OutOrStdout(), args[0], output)
		},
	}
	outputFlag(command, &output, "the language of a printed schema", "cue", "json")
	return command
}

func writeEditorFiles(o *options, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	files, err := editor.Files()
	if err != nil {
		return err
	}
	if _, err := fs.Stat(f.tree, editor.Module); err == nil {
		delete(files, editor.Module)
	}
	changed := 0
	for name, text := range files {
		wrote, err := atomicdir.WriteFile(f.os, name, text)
		if err != nil {
			return err
		}
		if wrote {
			changed++
		}
	}
	fmt.Fprintf(stderr, "%s changed for editors and cue below %s\n", finding.Count(changed, "file"), f.root)
	return nil
}

// printSchema prints the definition of an environment or of a fleet.
func printSchema(stdout io.Writer, name, output string) error {
	definition := editor.Definitions()[name]
	if output == "cue" {
		text, err := editor.EditorCUE(definition, name)
		if err != nil {
			return err
		}
		_, err = stdout.Write(text)
		return err
	}
	c, err := editor.EditorConstraint(definition)
	if err != nil {
		return err
	}
	document := openapi.JSONSchema(c)
	document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	document["title"] = path.Join("spokewright.dev", version, name)
	writeRulesAsText(document)
	encoder := json.NewEncoder(stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

// writeRulesAsText says of a fleet that its YAML form writes what a rule requires as the text of a CUE struct.
func writeRulesAsText(fleet map[string]any) {
	at := fleet
	for _, step := range []string{"properties", "classes", "additionalProperties", "properties", "rules", "additionalProperties", "properties"} {
		next, ok := at[step].(map[string]any)
		if !ok {
			return
		}
		at = next
	}
	at["require"] = map[string]any{"type": "string", "description": "What such an object must satisfy, as CUE text."}
}
