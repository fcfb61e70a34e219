package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/plugin"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/watchdog"
	"spokewright.dev/spokewright/schema"
)

const (
	// Argo CD gives a request 60 s, and shows a message only of a plugin that ends before.
	cmpDeadline = 30 * time.Second
	// Fifty times what a plane takes, ten times what the hub of a thousand environments does. On a machine that is half
	// busy it is over after 10 s.
	cmpProcessor = 5 * time.Second
	// The sidecar has 1 GB: one call that is given up leaves room for the others.
	cmpMemory = 384 << 20
)

func cmpCommand(o *options) *cobra.Command {
	command := &cobra.Command{
		Use:   "cmp",
		Short: "Serve Argo CD as its config management plugin",
		Long: `Argo CD's sidecar runs these in an Application's folder, overlays/NAME/PLANE. Nothing outside the fleet that holds the
folder is read, no process is started, no socket opened. Of the environment only ARGOCD_APP_PARAMETERS and
ARGOCD_APP_SOURCE_PATH are looked at.`,
		Args: unknownCommand,
		RunE: func(*cobra.Command, []string) error { // a help text on stdout would be taken for manifests
			return finding.Wrong(finding.CommandLine, "missing: generate, discover, parameters or paths")
		},
	}
	command.AddCommand(cmpGenerateCommand(o), cmpDiscoverCommand(o), cmpParametersCommand(o), cmpPathsCommand(o))
	return command
}

func cmpGenerateCommand(o *options) *cobra.Command {
	allowed := watchdog.Limits{Memory: cmpMemory}
	command := &cobra.Command{
		Use:   "generate",
		Short: "Print the plane of the folder, the bytes of its golden file",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return cmpGenerate(o, allowed, c.OutOrStdout())
		},
	}
	command.Flags().DurationVar(&allowed.Time, "deadline", cmpDeadline, "give up after this time")
	command.Flags().DurationVar(&allowed.Processor, "processor-time", cmpProcessor, "give up after so much time of all processors")
	return command
}

func cmpGenerate(o *options, allowed watchdog.Limits, stdout io.Writer) error {
	place, err := o.cmpPlace()
	if err != nil {
		return err
	}
	defer place.root.Close()
	application := cmpApplication{os.Getenv("ARGOCD_APP_SOURCE_PATH"), os.Getenv("ARGOCD_APP_PARAMETERS")}
	os.Clearenv() // no library finds more
	if err := application.mistaken(place); err != nil {
		return finding.Wrong(finding.CommandLine, "%v", err)
	}
	text, err := watchdog.Watched(allowed, watchdog.Quietly(place.generate))
	if err != nil {
		return err
	}
	return watchdog.Printed(stdout, text)
}

// generate renders the plane. What is wrong with it names the specs, too.
func (p *cmpPlace) generate() ([]byte, error) {
	text, err := plugin.Generate(p.tree(), p.target)
	if err == nil {
		return text, nil
	}
	reader, failed := schema.NewReader()
	if failed != nil {
		return nil, failed
	}
	return nil, cause.TracedError(p.tree(), reader, err)
}

func cmpDiscoverCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "discover",
		Short: "Print the folder if it is an overlay of a fleet, nothing otherwise",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			// Argo CD asks about every folder of every repository: one that is none of ours is no error.
			if place, err := o.cmpPlace(); err == nil {
				defer place.root.Close()
				if plugin.Serves(place.tree(), place.target) == nil {
					fmt.Fprintln(c.OutOrStdout(), place.target.Overlay())
				}
			}
			return nil
		},
	}
}

func cmpParametersCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "parameters",
		Short: "Announce the parameters, as JSON",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			place, err := o.cmpPlace()
			if err != nil {
				return err
			}
			defer place.root.Close()
			text, err := plugin.Announce(place.target)
			if err != nil {
				return err
			}
			return watchdog.Printed(c.OutOrStdout(), text)
		},
	}
}

func cmpPathsCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "paths ENVIRONMENT",
		Short: "Print what an environment is rendered from, for " + argocd.SourcesAnnotation,
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 || strings.Contains(word, "/") {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return o.environments(c, nil, word)
		},
		RunE: func(c *cobra.Command, args []string) error {
			f, err := o.open()
			if err != nil {
				return err
			}
			targets, err := chosen(f, args)
			if err != nil {
				return err
			}
			name := targets[0].Environment
			paths, missed, err := plugin.Paths(f.os.FS(), name) // it counts what is read by itself
			if err != nil {
				return err
			}
			for _, p := range missed {
				fmt.Fprintf(c.ErrOrStderr(), "%s: the Applications of %s do not carry this: Argo CD would not notice a change; move it into bases/\n", p, name)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), strings.Join(paths, ";"))
			return err
		},
	}
}

// cmpPlace is where the plugin was started: the fleet's root, open, and the target of the folder.
type cmpPlace struct {
	root   *os.Root
	target render.Target
}

func (o *options) cmpPlace() (*cmpPlace, error) {
	dir, err := filepath.Abs(o.directory) // as it was named, where the shell says so in PWD
	if err != nil {
		return nil, err
	}
	root, target, ok := plugin.Place(dir)
	if !ok {
		return nil, finding.Wrong(finding.CommandLine, "found the folder %q, allowed is %s/ENVIRONMENT/PLANE of a fleet; its planes are \"hub\" and \"spoke\"",
			filepath.Base(dir), render.Overlays)
	}
	really, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, err
	}
	if really != filepath.Join(root, filepath.FromSlash(target.Overlay())) {
		return nil, finding.Wrong(finding.CommandLine, "%v", plugin.Linked(target))
	}
	opened, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return &cmpPlace{opened, target}, nil
}

func (p *cmpPlace) tree() *limitfs.Tree { return limitfs.New(p.root.FS(), plugin.Limits()) }

// cmpApplication is all that a generate knows of the Application, and of the process's environment.
type cmpApplication struct{ sourcePath, parameters string }

// mistaken says what is wrong with an Application before anything of its folder is read.
func (a cmpApplication) mistaken(place *cmpPlace) error {
	if err := plugin.CheckPath(place.target, a.sourcePath); err != nil {
		return err
	}
	if err := plugin.CheckParameters(place.target, a.parameters); err != nil {
		return err
	}
	if err := plugin.Serves(place.tree(), place.target); err != nil {
		return err
	}
	return schema.RefuseNewer(place.tree(), version)
}
