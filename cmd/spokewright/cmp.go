package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spokewright.dev/spokewright/argocd"
	"spokewright.dev/spokewright/quota"
	"spokewright.dev/spokewright/render"
	"spokewright.dev/spokewright/schema"
)

const (
	// Argo CD gives a request 60 s, and shows a message only of a plugin that ends before.
	cmpDeadline = 30 * time.Second
	// The sidecar has 512 MB.
	cmpMemory = 384 << 20
)

func cmpCommand(o *options) *cobra.Command {
	command := &cobra.Command{
		Use:   "cmp",
		Short: "Serve Argo CD as its config management plugin",
		Long: `Argo CD's sidecar runs these in an Application's folder, overlays/NAME/PLANE. Nothing outside the fleet that holds the
folder is read, no process is started, no socket opened. Of the environment only ARGOCD_APP_PARAMETERS and
ARGOCD_APP_SOURCE_PATH are looked at.`,
	}
	command.AddCommand(cmpGenerateCommand(o), cmpDiscoverCommand(o), cmpParametersCommand(o), cmpPathsCommand(o))
	return command
}

func cmpGenerateCommand(o *options) *cobra.Command {
	var deadline time.Duration
	command := &cobra.Command{
		Use:   "generate",
		Short: "Print the plane of the folder, the bytes of its golden file",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return cmpGenerate(o, limits{deadline, cmpMemory}, c.OutOrStdout())
		},
	}
	command.Flags().DurationVar(&deadline, "deadline", cmpDeadline, "give up after this time, with a message")
	return command
}

func cmpGenerate(o *options, allowed limits, stdout io.Writer) error {
	environment := cmpEnvironment()
	place, err := o.cmpPlace()
	if err != nil {
		return err
	}
	defer place.root.Close()
	if err := place.mistaken(environment); err != nil {
		return &usage{err}
	}
	text, err := watched(allowed, func() ([]byte, error) { return argocd.Generate(place.tree(), place.target) })
	if err != nil {
		return err
	}
	return printed(stdout, text)
}

func cmpDiscoverCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "discover",
		Short: "Print the folder if it is an overlay of a fleet, nothing otherwise",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			place, err := o.cmpPlace()
			if err != nil { // Argo CD asks about every folder of every repository: most are none of ours
				return nil
			}
			defer place.root.Close()
			if !argocd.Serves(place.tree(), place.target) {
				return nil
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), place.target.Overlay())
			return err
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
			text, err := argocd.Announce(place.target)
			if err != nil {
				return err
			}
			return printed(c.OutOrStdout(), text)
		},
	}
}

func cmpPathsCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "paths ENVIRONMENT",
		Short: "Print what an environment is rendered from, for " + schema.SourcesAnnotation,
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(c *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
			return o.environments(c, nil, word)
		},
		RunE: func(c *cobra.Command, args []string) error {
			f, err := o.open()
			if err != nil {
				return err
			}
			paths, missed, err := argocd.Paths(f.tree, args[0])
			if err != nil {
				return err
			}
			for _, p := range missed {
				fmt.Fprintf(c.ErrOrStderr(), "%s: the Applications of %s do not carry this: Argo CD would not notice a change; move it into bases/\n", p, args[0])
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), strings.Join(paths, ";"))
			return err
		},
	}
}

// cmpEnvironment is all that a generate knows of the process's environment, and then there is none: no library finds more.
func cmpEnvironment() (environment struct{ parameters, sourcePath string }) {
	environment.parameters, environment.sourcePath = os.Getenv("ARGOCD_APP_PARAMETERS"), os.Getenv("ARGOCD_APP_SOURCE_PATH")
	os.Clearenv()
	return environment
}

// cmpPlace is where the plugin was started: the fleet's root, open, and the target of the folder.
type cmpPlace struct {
	root   *os.Root
	target render.Target
}

func (o *options) cmpPlace() (*cmpPlace, error) {
	dir, err := filepath.Abs(o.directory)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	root, target, ok := argocd.Place(dir)
	if !ok {
		return nil, &usage{fmt.Errorf("found the folder %s, allowed is %s/ENVIRONMENT/PLANE of a fleet, and its planes are \"hub\" and \"spoke\"",
			filepath.Base(dir), render.Overlays)}
	}
	opened, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return &cmpPlace{opened, target}, nil
}

func (p *cmpPlace) tree() *quota.Tree { return quota.New(p.root.FS(), argocd.Limits()) }

// mistaken says what is wrong with the Application before anything is read.
func (p *cmpPlace) mistaken(environment struct{ parameters, sourcePath string }) error {
	if environment.sourcePath != "" {
		if err := argocd.Agrees(p.target, environment.sourcePath); err != nil {
			return err
		}
	}
	if err := argocd.CheckParameters(p.target, environment.parameters); err != nil {
		return err
	}
	if !argocd.Serves(p.tree(), p.target) {
		return fmt.Errorf("no fleet with environment %q here: %s, %s and %s are needed", p.target.Environment,
			schema.FleetFile, schema.SpecFile(p.target.Environment), p.target.Overlay())
	}
	return nil
}
