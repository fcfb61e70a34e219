package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/merge"
	"spokewright.dev/spokewright/internal/revision"
)

func mergeGoldenCommand(o *options) *cobra.Command {
	var install bool
	command := &cobra.Command{
		Use:   "merge-golden {--install | BASE OURS THEIRS PATH}",
		Short: "Merge rendered files for Git, by what they hold",
		Long: `Git calls this for rendered files that two branches changed, once --install has told it to: the three versions of a
file are merged by their objects, fields and named elements, as a render of the merged specs would write them, and the
result goes to OURS. Where both sides changed the same field, OURS stays, the exit code is 2, and Git counts the file as
unmerged: spokewright render writes it anew, and git add ends the merge. No marks of a conflict are left in it.

--install writes one line into .gitattributes of the fleet and two settings into the configuration of this clone. What is
there already stays.`,
		Example: `  spokewright merge-golden --install
  git add .gitattributes`,
		Args: func(c *cobra.Command, args []string) error {
			if install {
				return cobra.NoArgs(c, args)
			}
			return cobra.ExactArgs(4)(c, args)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			if install {
				return installMerge(c.Context(), o, c.ErrOrStderr())
			}
			return mergeGolden(args[0], args[1], args[2], filepath.ToSlash(args[3]))
		},
	}
	command.Flags().BoolVar(&install, "install", false, "set it up in this clone and in .gitattributes")
	return command
}

// mergeGolden merges three files into the second; name is what Git calls it.
func mergeGolden(base, ours, theirs, name string) error {
	var texts [3][]byte
	for i, file := range []string{base, ours, theirs} {
		text, err := manifestText(file, nil)
		if err != nil {
			return err
		}
		texts[i] = text
	}
	remedy := "spokewright render, then git add " + name
	merged, conflicts, err := merge.Files(texts[0], texts[1], texts[2])
	if errors.Is(err, merge.ErrNotRendered) {
		return finding.Findings{{Code: finding.OutOfDate, Position: finding.Position{File: name},
			Message: "a version is not as a render writes it, so nothing was merged: ours stands here", Remedy: remedy}}
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(ours, merged, 0o644); err != nil {
		return err
	}
	var found finding.Findings
	for _, c := range conflicts {
		found = append(found, finding.Finding{Code: finding.Conflict, Position: finding.Position{File: name}, Object: finding.Object{Kind: c.Object.Kind, Namespace: c.Object.Namespace, Name: c.Object.Name},
			Path: c.Path, Message: "both sides changed it: ours stands here", Remedy: remedy})
	}
	return found.Err()
}

// installMerge tells Git of the merge, in the fleet's own folder and in the clone.
func installMerge(ctx context.Context, o *options, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return finding.Wrong(finding.CommandLine, "git is not on PATH: install it first")
	}
	ask := func(args ...string) (string, error) {
		answer, err := exec.CommandContext(ctx, git, append([]string{"-C", f.root}, args...)...).Output()
		return strings.TrimSpace(string(answer)), err
	}
	if _, err := ask("rev-parse", "--git-dir"); err != nil {
		return finding.Wrong(finding.CommandLine, "the fleet is in no Git repository: git init makes one")
	}
	const file = ".gitattributes"
	text, err := f.os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if with := merge.WithAttribute(string(text)); with != string(text) {
		if err := f.os.WriteFile(file, []byte(with), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%s: wrote %q: git add it\n", file, merge.Attribute)
	}
	for _, setting := range merge.Configuration() {
		if is, _ := ask("config", "--local", "--get", setting[0]); is == setting[1] { // not set is an error too, and fine
			continue
		}
		if _, err := ask("config", "--local", setting[0], setting[1]); err != nil {
			return fmt.Errorf("git config %s: %w", setting[0], err)
		}
		fmt.Fprintf(stderr, "git config: set %s\n", setting[0])
	}
	fmt.Fprintln(stderr, "Git merges rendered files by what they hold, in this clone")
	return nil
}

// halfMerged adds to findings what ends a merge that is under way, where they come of it.
func halfMerged(f *tree, found finding.Findings) finding.Findings {
	if len(found) == 0 {
		return found
	}
	repository, err := revision.Open(f.root)
	if err != nil {
		return found
	}
	defer repository.Close()
	return check.HalfMerged(found, f.tree, mergedSides(repository, f.root))
}

// mergedSides are both sides of the merge that is under way; none where there is none.
func mergedSides(repository *revision.Repository, root string) (sides []check.Side) {
	folder, err := revision.Place(root)
	if err != nil || !repository.Has("MERGE_HEAD") {
		return nil
	}
	for _, name := range []string{"HEAD", "MERGE_HEAD"} {
		if commit, err := repository.Resolve(name); err == nil {
			if tree, err := repository.Tree(commit, folder); err == nil {
				sides = append(sides, check.Side{Commit: name, Tree: tree})
			}
		}
	}
	return sides
}
