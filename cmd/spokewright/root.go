package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// options are the flags that every verb knows.
type options struct {
	directory string
	verbose   bool              // every finding on its own line
	outcome   int               // the exit code of a verb that has more to say than whether all is well
	bases     *baseline.Program // those of the program; nil for its own
	changed   bool              // the arguments are files, and a render that writes stops the commit: see byChange
}

// root is the command with all its verbs.
func root(o *options) *cobra.Command {
	command := &cobra.Command{
		Use:           "spokewright",
		Short:         "Everything a hub-and-spoke platform needs, from one small file per environment",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       versions(),
	}
	command.SetVersionTemplate("{{.Version}}")
	command.Flags().Bool("version", false, "print the versions, as the command does") // cobra's own would take -v
	command.PersistentFlags().StringVarP(&o.directory, "directory", "C", ".", "work in the fleet that holds this `folder`")
	cobra.CheckErr(command.MarkPersistentFlagDirname("directory"))
	command.PersistentFlags().BoolVarP(&o.verbose, "verbose", "v", false, "tell every finding, instead of those of one cause as one")
	command.SetFlagErrorFunc(misused)
	command.AddCommand(initCommand(o), bootstrapCommand(o), chartCommand(o), changedFlags(o, renderCommand(o)), changedFlags(o, checkCommand(o)), diffCommand(o), explainCommand(o), mapCommand(o), fnCommand(), pluginCommand(), cmpCommand(o), schemaCommand(o), namesCommand(o), envCommand(o), policiesCommand(o), upgradeCommand(o), compositionsCommand(o), mergeGoldenCommand(o), doctorCommand(o), cloudsCommand(), versionCommand())
	command.InitDefaultCompletionCmd()
	command.SetHelpCommand(helpCommand())
	exactArguments(command)
	return command
}

// exactArguments makes arguments that a command does not take, and flags that it misses, a mistake of the user's. Of a command that only has others below
// it, cobra would show the help instead, and all would seem well.
func exactArguments(c *cobra.Command) {
	if !c.Runnable() {
		c.Args, c.RunE = unknownCommand, func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	allowed := c.Args
	if allowed == nil {
		allowed = cobra.ArbitraryArgs
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := cmp.Or(allowed(c, args), c.ValidateRequiredFlags(), filled(c)); err != nil {
			if !c.HasSubCommands() && len(c.ValidArgs) == 0 && allowed(c, args) != nil {
				err = fmt.Errorf("found %s, allowed is %s", finding.Count(len(args), "argument"), c.UseLine())
			}
			return misused(c, err)
		}
		return nil
	}
	for _, below := range c.Commands() {
		exactArguments(below)
	}
}

// filled refuses a flag with an empty text, which would do what no flag does: a variable may hold nothing.
func filled(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && err == nil {
			err = fmt.Errorf("--%s: found an empty text: leave the flag out, or does a variable hold nothing?", f.Name)
		}
	})
	return err
}

// helpCommand is cobra's help, but an unknown command is a mistake.
func helpCommand() *cobra.Command {
	find := func(c *cobra.Command, path []string) (*cobra.Command, error) {
		found := c.Root()
		for _, name := range path {
			below := slices.IndexFunc(found.Commands(), func(c *cobra.Command) bool { return c.Name() == name || c.HasAlias(name) })
			if below < 0 {
				return found, misused(found, unknownCommand(found, []string{name}))
			}
			found = found.Commands()[below]
		}
		return found, nil
	}
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, err := find(c, args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, below := range found.Commands() {
				if below.IsAvailableCommand() {
					names = append(names, below.Name()+"\t"+below.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			found, err := find(c, args)
			if err != nil {
				return err
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// misused is the error of a command line that is wrong.
func misused(c *cobra.Command, err error) error {
	return finding.Findings{{Code: finding.CommandLine, Message: err.Error(), Detail: "see: " + c.CommandPath() + " --help\n"}}
}

// unknownCommand refuses a verb that there is not.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var verbs []string
	for _, verb := range c.Commands() {
		verbs = append(verbs, verb.Name())
	}
	return fmt.Errorf("no such command: %q%s", args[0], finding.DidYouMean(args[0], verbs))
}

// tree is the tree of a fleet on disk. Nothing outside its root can be reached through it, and no more is read than
// fleetLimits say.
type tree struct {
	root string
	tree fs.FS
	os   *os.Root
	// forgetful says that nothing is believed of environments that are not rendered but what is read of them just now.
	forgetful bool
}

// open finds the fleet's root upward from the directory of the options, and refuses a fleet with a change that was interrupted
// halfway: nothing that stands there is what anybody wanted.
func (o *options) open() (*tree, error) {
	f, err := o.openUnfinished()
	if err != nil {
		return nil, err
	}
	return f, atomicdir.Interrupted(f.os)
}

func (o *options) openUnfinished() (*tree, error) {
	start, err := filepath.Abs(o.directory)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(start); err != nil || !info.IsDir() {
		return nil, finding.Wrong(finding.CommandLine, "--directory: found %q, which is no folder", o.directory)
	}
	root, err := findRoot(start)
	if err != nil {
		return nil, err
	}
	opened, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return &tree{root: root, tree: limitfs.New(opened.FS(), fleetLimits()), os: opened}, nil
}

// fleetLimits are what a command may read of a fleet: a hundred times what one of a thousand environments has.
func fleetLimits() limitfs.Limits {
	return limitfs.Limits{Files: 1_000_000, Entries: 100_000, FileBytes: 10 << 20, Bytes: 8 << 30,
		Unlinked: []string{schema.Folder, render.Golden}}
}

// findRoot is the nearest folder from here upward that holds environments/fleet.cue; where there is none, the nearest
// that holds environments/, so that the missing file can be named.
func findRoot(start string) (string, error) {
	for _, mark := range []string{schema.FleetFile, schema.Folder} {
		for dir := start; ; dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(mark))); err == nil {
				return dir, nil
			} else if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", finding.Wrong(finding.NoFleet, "no fleet here: neither %s nor a folder above it holds %s; spokewright init DIR makes one", start, schema.FleetFile)
}

// environments completes ENVIRONMENT[/PLANE] on a shell's command line: planes once a name is written, and nothing twice.
// With --changed the arguments are files.
func (o *options) environments(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if o.changed {
		return nil, cobra.ShellCompDirectiveDefault
	}
	f, err := o.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := schema.List(f.tree)
	if name, _, plane := strings.Cut(word, "/"); plane {
		names = nil
		for _, plane := range schema.Planes() {
			names = append(names, name+"/"+string(plane))
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(args, name) }), cobra.ShellCompDirectiveNoFileComp
}

// classes completes the name of a class.
func (o *options) classes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	f, err := o.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	fleet, err := reader.FleetConfigOf(f.tree)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return slices.Sorted(maps.Keys(fleet.Classes)), cobra.ShellCompDirectiveNoFileComp
}

// outputFlag gives a command the flag -o with a choice of words: the first is the default.
func outputFlag(c *cobra.Command, to *string, what string, words ...string) {
	c.Flags().StringVarP(to, "output", "o", words[0], what+": "+finding.OneOf(finding.Quoted(words)))
	completes(c, "output", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(words, *to) {
			return finding.Findings{{Code: finding.CommandLine, Message: fmt.Sprintf("--output: found %q, allowed is %s", *to, finding.OneOf(finding.Quoted(words))), Suggestion: finding.Suggest(*to, words)}}
		}
		return run(c, args)
	}
}

func completes(c *cobra.Command, flag string, values cobra.CompletionFunc) {
	cobra.CheckErr(c.RegisterFlagCompletionFunc(flag, values))
}
