package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"spokewright.dev/spokewright/krm"
	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

func fnCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fn",
		Short: "Run as a KRM function: a ResourceList on stdin, a ResourceList on stdout",
		Long: `Runs the function that the functionConfig's kind names. Kustomize calls it for a functionConfig with the annotation
config.kubernetes.io/function: |
  exec: {path: spokewright, args: [fn]}`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runFunction(c.InOrStdin(), c.OutOrStdout())
		},
	}
}

// runFunction answers one ResourceList. Kustomize ignores results, so mistakes are an error and an exit code.
func runFunction(stdin io.Reader, stdout io.Writer) error {
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	list := kio.ByteReadWriter{Reader: stdin, Writer: stdout, KeepReaderAnnotations: true}
	return framework.Execute(framework.ResourceListProcessorFunc(func(list *framework.ResourceList) error {
		if list.FunctionConfig == nil {
			return fmt.Errorf("no functionConfig: spokewright fn reads a ResourceList (%s) from stdin", kio.ResourceListAPIVersion)
		}
		config, err := list.FunctionConfig.Map()
		if err != nil {
			return fmt.Errorf("reading the functionConfig: %w", err)
		}
		items, err := objectsOf(list.Items, manifest.Identify(config))
		if err != nil {
			return err
		}
		items, err = krm.Run(disk{reader}, config, ".", items)
		if err != nil {
			return err
		}
		list.Items, err = nodesOf(items)
		return err
	}), &list)
}

// objectsOf are the items without the functionConfig itself, which kustomize hands a generator as an item.
func objectsOf(nodes []*yaml.RNode, config manifest.ID) ([]manifest.Object, error) {
	var items []manifest.Object
	for _, node := range nodes {
		object, err := node.Map()
		if err != nil {
			return nil, fmt.Errorf("reading an item: %w", err)
		}
		if manifest.Identify(object) != config {
			items = append(items, object)
		}
	}
	return items, nil
}

func nodesOf(items []manifest.Object) ([]*yaml.RNode, error) {
	nodes := make([]*yaml.RNode, len(items))
	for i, item := range items {
		node, err := yaml.Parse(string(manifest.Append(nil, item)))
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", manifest.Identify(item), err)
		}
		nodes[i] = node
	}
	return nodes, nil
}

// disk finds specs relative to the working directory, which kustomize sets to the folder of the kustomization.
type disk struct{ reader *schema.Reader }

// File reads a spec and its fleet.cue through a root that nothing leaves.
func (d disk) File(dir, file string) (schema.Environment, error) {
	spec, err := filepath.Abs(filepath.Join(dir, file))
	if err != nil {
		return schema.Environment{}, err
	}
	root, err := os.OpenRoot(filepath.Dir(filepath.Dir(spec)))
	if err != nil {
		return schema.Environment{}, err
	}
	inside := path.Join(filepath.Base(filepath.Dir(spec)), filepath.Base(spec))
	return krm.Tree{Reader: d.reader, FS: root.FS()}.File(".", inside)
}

// Inline reads a spec that stands in the functionConfig.
func (d disk) Inline(name string, spec krm.Inline) (schema.Environment, error) {
	return krm.Tree{Reader: d.reader}.Inline(name, spec)
}
