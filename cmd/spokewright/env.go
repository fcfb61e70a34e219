package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/cueedit"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/lifecycle"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/snapshot"
	"spokewright.dev/spokewright/internal/watchdog"
	"spokewright.dev/spokewright/schema"
)

func envCommand(o *options) *cobra.Command {
	command := &cobra.Command{
		Use:   "env",
		Short: "Add, list, compare, rename and take down environments",
		Long: `The life of environments: each step changes files of the working tree, all of them or none, and shows what that does to the
fleet. A commit makes it so.`,
	}
	command.AddCommand(envAddCommand(o), envListCommand(o), envCompareCommand(o), envRenameCommand(o), envRemoveCommand(o))
	return command
}

// dateFlag gives a command the day on which it is run.
func dateFlag(command *cobra.Command, date *string, what string) {
	command.Flags().StringVar(date, "date", "", what+", such as 2027-01-31 (default today)")
	completes(command, "date", cobra.NoFileCompletions)
}

// stage is where a step is taken: the fleet on disk, and whom it is told to.
type stage struct {
	*tree
	lifecycle.Checkout
	now            time.Time
	stdout, stderr io.Writer
}

// openStage reads the fleet.
func openStage(o *options, c *cobra.Command, date string) (*stage, error) {
	return openStageFor("", o, c, date)
}

// openStageFor is openStage for a step that makes an environment, which the fleet may name already as the one that keeps its
// telemetry: before the step that has no meaning yet.
func openStageFor(born string, o *options, c *cobra.Command, date string) (*stage, error) {
	now, err := moment(date)
	if err != nil {
		return nil, err
	}
	f, err := o.open()
	if err != nil {
		return nil, err
	}
	if err := schema.RefuseNewer(f.tree, version); err != nil {
		return nil, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, err
	}
	before, err := unborn(f.tree, reader, born)
	if err != nil {
		return nil, err
	}
	fleet, err := watchdog.Watched(renderLimits(), func() (*schema.Fleet, error) { return reader.Fleet(before) })
	if err != nil {
		return nil, err
	}
	was := *f
	was.tree = before
	return &stage{&was, lifecycle.Checkout{Tree: f.tree, Reader: reader, Fleet: fleet}, now, c.OutOrStdout(), c.ErrOrStderr()}, nil
}

// unborn is a fleet's tree before an environment is made that is to keep its telemetry.
func unborn(tree fs.FS, reader *schema.Reader, name string) (fs.FS, error) {
	if name == "" {
		return tree, nil
	}
	config, err := reader.FleetConfigOf(tree)
	if err != nil || config.Telemetry == nil || config.Telemetry.Environment != name {
		return tree, nil //nolint:nilerr // reading the fleet tells it
	}
	if _, err := fs.Stat(tree, schema.SpecFile(name)); err == nil {
		return tree, nil
	}
	text, err := fs.ReadFile(tree, schema.FleetFile)
	if err != nil {
		return nil, err
	}
	file, err := cueedit.Parse(schema.FleetFile, text)
	if err != nil {
		return nil, err
	}
	if _, err := file.Remove("telemetry"); err != nil {
		return nil, err
	}
	before := draft.New(tree)
	before.Write(schema.FleetFile, file.Text())
	return before, nil
}

// merged refuses the second step of two whose first one is not on the main branch yet. Where there is no repository, or
// none that knows that branch, people are believed.
func (s *stage) merged(o *options, name string) error {
	repository, err := revision.Open(o.directory)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	defer repository.Close()
	there, main, err := onMain(repository, s.Reader, s.tree)
	if err != nil {
		return err
	}
	if there.Tree == nil {
		fmt.Fprintf(s.stderr, "%s: this clone does not know it, so that nobody can see whether the first step is merged\n", main)
		return nil
	}
	text, err := fs.ReadFile(there.Tree, schema.SpecFile(name))
	if err != nil {
		return finding.At(finding.Position{File: schema.SpecFile(name)}, finding.CommandLine, "found no such file on %s, where the first step must be merged", main)
	}
	if how, _ := cuefile.TextField(schema.SpecFile(name), text, "retiring"); how == "" {
		return finding.At(finding.Position{File: schema.SpecFile(name)}, finding.CommandLine, "found no retiring in it on %s (%s): the first step must be merged before the second is made", main, strings.TrimPrefix(there.Name, "commit "))
	}
	return nil
}

// take renders a step, checks what it renders, writes all of it, and shows what it does.
func (s *stage) take(step *lifecycle.Step) error {
	found, err := s.renderStep(step)
	if err == nil && found.Refuse() {
		err = found
	}
	if err != nil {
		return err
	}
	pair, err := watchdog.Watched(renderLimits(), func() (*snapshot.Pair, error) { return s.compare(step) })
	if err != nil {
		return err
	}
	files := touched(step.Tree)
	if err := atomicdir.Apply(s.os, step.Tree); err != nil {
		return err
	}
	for _, e := range step.Edits {
		fmt.Fprintln(s.stderr, e)
	}
	fmt.Fprint(s.stderr, files)
	if err := (finding.Text{}).Write(s.stderr, found); err != nil {
		return err
	}
	if _, err := (diff{stdout: s.stdout, stderr: s.stderr, output: "text", noPager: true}).show(reported(compared(pair), pair, [2]string{"before", "the working tree"})); err != nil {
		return err
	}
	for i, line := range step.Next {
		fmt.Fprintf(s.stderr, "next %d: %s\n", i+1, line)
	}
	return nil
}

// renderStep renders what a step touches into its draft, and checks it.
func (s *stage) renderStep(step *lifecycle.Step) (finding.Findings, error) {
	drafted := &tree{root: s.root, tree: step.Tree, os: s.os}
	fleet, rendered, err := renderTargets(drafted, s.Reader, render.Targets(step.Render), s.stderr)
	if err != nil {
		return nil, err
	}
	if err := adoptions(drafted, fleet, rendered); err != nil {
		return nil, err
	}
	for _, r := range rendered {
		for file, text := range r.Files() {
			step.Tree.Write(path.Join(render.Golden, file), text)
		}
	}
	found, err := check.Fleet(step.Tree, s.Reader, fleet, rendered, s.now, false)
	if err != nil {
		return nil, err
	}
	return withoutYoung(found, drafted, s.Reader, fleet)
}

// compare takes what the fleet makes before a step and after it.
func (s *stage) compare(step *lifecycle.Step) (*snapshot.Pair, error) {
	camera := &snapshot.Camera{Reader: s.Reader, Blob: digest, Program: program()}
	if camera.Program != "" {
		camera.Store = renders()
		defer camera.Store.Close()
	}
	return camera.Take(snapshot.Moment{Name: "the tree before", Tree: s.tree.tree}, snapshot.Moment{Name: "the working tree", Tree: step.Tree}, nil)
}

// digest tells texts apart where there may be no repository.
func digest(text []byte) revision.ID {
	sum := sha256.Sum256(text)
	return revision.ID(sum[:])
}

// touched says in a line or two which files a step writes and removes.
func touched(change *draft.Tree) string {
	files := map[string]int{}
	for _, file := range change.Written() {
		files[owner(file.Name)]++
	}
	wrote := slices.Sorted(maps.Keys(files))
	for i, name := range wrote {
		if files[name] > 1 {
			wrote[i] += fmt.Sprintf(" (%d files)", files[name])
		}
	}
	text := "wrote " + cmp.Or(strings.Join(wrote, ", "), "nothing") + "\n"
	if gone := change.Removed(); len(gone) > 0 {
		text += "removed " + strings.Join(gone, ", ") + "\n"
	}
	return text
}

// owner is the folder of an environment that a file is in, or the file itself where it is in none.
func owner(file string) string {
	parts := strings.Split(file, "/")
	if len(parts) < 3 {
		return file
	}
	return path.Join(parts[:2]...) + "/"
}
