package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/manifest"
)

func pluginCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "plugin",
		Short: "Link Spokewright into kustomize's plugin folder, or take it out",
		Long: `Kustomize runs a functionConfig without a function annotation as an exec plugin: a program of the kind's name in its
plugin folder. Then "kustomize build --enable-alpha-plugins" alone is enough, and "kubectl kustomize" can do it too.
Where the link is missing the build fails, and says so; a function that --enable-exec does not allow is skipped in silence.`,
		Args: cobra.NoArgs,
	}
	command.AddCommand(
		&cobra.Command{Use: "install", Short: "Link this binary into the plugin folder, once for each kind", Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return installPlugin(c.ErrOrStderr()) }},
		&cobra.Command{Use: "remove", Short: "Take the links out again", Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return removePlugin(c.ErrOrStderr()) }},
	)
	return command
}

// installPlugin makes the links. What is there and is no link of ours is left alone, as an error.
func installPlugin(stderr io.Writer) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	home := krm.PluginHome(os.Getenv)
	for _, kind := range krm.Kinds() {
		link := krm.PluginLink(home, kind)
		if err := replaceable(link); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			return err
		}
		fresh := fmt.Sprintf("%s.%d%s", link, os.Getpid(), atomicdir.Unfinished)
		if err := os.Symlink(binary, fresh); err != nil {
			return err
		}
		if err := os.Rename(fresh, link); err != nil {
			return errors.Join(err, os.Remove(fresh))
		}
	}
	fmt.Fprintf(stderr, "linked %s to %s below %s\n", finding.Count(len(krm.Kinds()), "kind"), binary, home)
	return nil
}

func removePlugin(stderr io.Writer) error {
	home, removed := krm.PluginHome(os.Getenv), 0
	for _, kind := range krm.Kinds() {
		link := krm.PluginLink(home, kind)
		if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if err := os.Remove(link); err != nil {
			return err
		}
		removed++
		// Folders that other plugins use are not empty, and stay.
		for dir := filepath.Dir(link); dir != home; dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil {
				break
			}
		}
	}
	fmt.Fprintf(stderr, "removed %s below %s\n", finding.Count(removed, "link"), home)
	return nil
}

func replaceable(link string) error {
	info, err := os.Lstat(link)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return finding.Wrong(finding.Installation, "%s is there and is no link: move it away first", link)
}

// isPlugin says whether kustomize started this program as the plugin of a kind: by a link of the kind's name, with the
// file of the functionConfig.
func isPlugin(name string, args []string) bool {
	return slices.Contains(krm.Kinds(), filepath.Base(name)) && len(args) > 0
}

// runPlugin answers kustomize's exec plugin protocol: the functionConfig in a file, objects on stdin where it is a
// transformer, objects on stdout.
func runPlugin(configFile string, stdin io.Reader, stdout io.Writer) error {
	text, err := os.ReadFile(configFile)
	if err != nil {
		return err
	}
	config, err := yaml.Parse(string(text))
	if err != nil {
		return finding.Wrong(finding.Unreadable, "reading the functionConfig: %v", err)
	}
	items, err := (&kio.ByteReader{Reader: stdin, OmitReaderAnnotations: true}).Read()
	if err != nil {
		return finding.Wrong(finding.Unreadable, "reading objects: %v", err)
	}
	made, err := respond(config, items)
	if err != nil {
		return err
	}
	_, err = stdout.Write(manifest.Join(made))
	return err
}
