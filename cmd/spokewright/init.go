package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/scaffold"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/schema"
)

// beginning is how a fleet begins.
type beginning struct {
	answers    scaffold.Answers
	force, yes bool
}

func initCommand(o *options) *cobra.Command {
	var b beginning
	command := &cobra.Command{
		Use:   "init DIR",
		Short: "Begin a fleet: a hub, a development and a production environment",
		Long: `Writes a fleet into a folder: three environments with their overlays and what they render to, the bases, and what Git,
pre-commit, CI, editors and people need. It passes check at once, and its README.md says what comes next. In a folder of a
Git repository, fleet.cue says which.

On a terminal it asks for what no flag said; elsewhere, and with --yes, it takes the answers that it would propose. What nobody
knows yet is marked REPLACE in environments/fleet.cue. Nothing that stands there already is overwritten without --force.`,
		Example: `  spokewright init fleet
  spokewright init fleet --name shop --url https://git.example.com/shop/fleet.git --cloud gcp --account shop-prod`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error {
			dir := args[0]
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(o.directory, dir)
			}
			return b.write(o, dir, c.InOrStdin(), c.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVar(&b.answers.Name, "name", "", "the fleet's `name` (default the folder's)")
	flags.StringVar(&b.answers.Owner, "owner", "", "who answers for environments that name nobody (default platform)")
	flags.StringVar(&b.answers.URL, "url", "", "the `address` of the fleet's Git repository")
	flags.StringVar(&b.answers.Cloud, "cloud", "", "the cloud of the two environments: "+finding.OneOf(finding.Quoted(scaffold.Clouds()))+" (default aws)")
	flags.StringVar(&b.answers.Region, "region", "", "their region (default one in Europe)")
	flags.StringVar(&b.answers.Account, "account", "", "the account, the subscription or the project that they are made in")
	flags.BoolVar(&b.force, "force", false, "overwrite what stands there already, and say what")
	flags.BoolVarP(&b.yes, "yes", "y", false, "ask nothing")
	completes(command, "cloud", cobra.FixedCompletions(scaffold.Clouds(), cobra.ShellCompDirectiveNoFileComp))
	for _, flag := range []string{"name", "owner", "url", "region", "account"} {
		completes(command, flag, cobra.NoFileCompletions)
	}
	return command
}

// write makes all files before it writes the first one.
func (b beginning) write(o *options, called string, stdin io.Reader, stderr io.Writer) error {
	dir, err := filepath.Abs(called)
	if err != nil {
		return err
	}
	if b.answers.Path, err = folderInRepository(dir); err != nil {
		return err
	}
	if !b.yes && terminal.Is(stdin) && terminal.Is(stderr) {
		b.answers = ask(b.answers, filepath.Base(dir), bufio.NewScanner(stdin), stderr)
	}
	answers := b.answers.WithDefaults(filepath.Base(dir))
	if err := answers.Judge(); err != nil {
		return err
	}
	program, err := o.ownBases()
	if err != nil {
		return err
	}
	files, err := scaffold.Files(answers, program)
	if err != nil {
		return err
	}
	if err := b.overwrites(dir, files, stderr); err != nil {
		return err
	}
	if err := begin(dir, files); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: fleet %s with a hub, development and production, %s\n", filepath.Clean(called), answers.Name, finding.Count(len(files), "file"))
	if answers.Path != "" {
		fmt.Fprintf(stderr, "next: pre-commit, GitHub and GitLab look at the repository's root alone: move there what you use of %[1]s/.pre-commit-config.yaml, %[1]s/.github and %[1]s/.gitlab-ci.yml\n", answers.Path)
	}
	if bytes.Contains(files[schema.FleetFile], []byte("REPLACE")) {
		fmt.Fprintf(stderr, "next: replace what %s marks with REPLACE, then spokewright render; README.md says the rest\n", schema.FleetFile)
	}
	return nil
}

// ask asks for what was not said. An empty line takes what is proposed.
func ask(a scaffold.Answers, folder string, lines *bufio.Scanner, stderr io.Writer) scaffold.Answers {
	for _, question := range []struct {
		text  string
		field func(*scaffold.Answers) *string
	}{
		{"name of the fleet", func(a *scaffold.Answers) *string { return &a.Name }},
		{"address of its Git repository", func(a *scaffold.Answers) *string { return &a.URL }},
		{"cloud (" + strings.Join(scaffold.Clouds(), ", ") + ")", func(a *scaffold.Answers) *string { return &a.Cloud }},
		{"account, subscription or project", func(a *scaffold.Answers) *string { return &a.Account }},
		{"region", func(a *scaffold.Answers) *string { return &a.Region }},
		{"owner", func(a *scaffold.Answers) *string { return &a.Owner }},
	} {
		if *question.field(&a) != "" {
			continue
		}
		proposed := a.WithDefaults(folder)
		fmt.Fprintf(stderr, "%s [%s]: ", question.text, *question.field(&proposed))
		if !lines.Scan() {
			return a
		}
		*question.field(&a) = strings.TrimSpace(lines.Text())
	}
	return a
}

// folderInRepository is where a folder, which need not be there yet, lies in its Git repository; empty for the root, and
// where there is none.
func folderInRepository(dir string) (string, error) {
	above, below := dir, "."
	for {
		if info, err := os.Stat(above); err == nil && info.IsDir() {
			break
		} else if err == nil {
			return "", finding.At(finding.Position{File: filepath.ToSlash(above)}, finding.CommandLine, "this is a file, and must be a folder")
		}
		below = path.Join(filepath.Base(above), below)
		above = filepath.Dir(above)
	}
	place, err := revision.Place(above)
	if err != nil {
		return "", nil //nolint:nilerr // there is none
	}
	if place = path.Join(place, below); place == "." {
		return "", nil
	}
	return place, nil
}

// overwrites refuses files that stand there already with another text, or names them where they may be overwritten.
func (b beginning) overwrites(dir string, files map[string][]byte, stderr io.Writer) error {
	var found finding.Findings
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) || err == nil && bytes.Equal(text, files[name]) {
			continue
		}
		if err != nil {
			return asInput(err)
		}
		found = append(found, finding.Finding{Code: finding.CommandLine, Position: finding.Position{File: name}, Message: "stands there already with another text: nothing was written", Remedy: "choose an empty folder; --force overwrites the file"})
	}
	if !b.force {
		return found.Err()
	}
	for _, f := range found {
		fmt.Fprintf(stderr, "%s: overwritten\n", f.File)
	}
	return nil
}

// begin writes the files, the one that makes them a fleet last: what was interrupted before is none, and the same command
// goes on with it.
func begin(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	change := draft.New(root.FS())
	for _, name := range slices.Sorted(maps.Keys(files)) {
		change.Write(name, files[name])
	}
	change.Last(schema.FleetFile)
	return atomicdir.Apply(root, change)
}
