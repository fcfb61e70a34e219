package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/spf13/cobra"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/manifest"
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

// runFunction answers one ResourceList, in one write and only when all went well. Kustomize ignores results, so
// mistakes are an error and an exit code.
func runFunction(stdin io.Reader, stdout io.Writer) error {
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	var answer bytes.Buffer
	list := kio.ByteReadWriter{Reader: stdin, Writer: &answer, KeepReaderAnnotations: true}
	if err := framework.Execute(framework.ResourceListProcessorFunc(func(list *framework.ResourceList) error {
		return answerList(disk{reader, dir}, list)
	}), &list); err != nil {
		return err
	}
	_, err = stdout.Write(answer.Bytes())
	return err
}

func answerList(source disk, list *framework.ResourceList) error {
	if list.FunctionConfig == nil {
		return &inputError{fmt.Errorf("no functionConfig: spokewright fn reads a ResourceList (%s) from stdin", kio.ResourceListAPIVersion)}
	}
	config, err := list.FunctionConfig.Map()
	if err != nil {
		return &inputError{fmt.Errorf("reading the functionConfig: %w", err)}
	}
	came := make(map[uintptr]*yaml.RNode, len(list.Items))
	var items []manifest.Object
	for _, node := range list.Items {
		object, err := node.Map()
		if err != nil {
			return &inputError{fmt.Errorf("reading an item: %w", err)}
		}
		if !isCopy(node, object, config) {
			items = append(items, object)
			came[reflect.ValueOf(object).Pointer()] = node
		}
	}
	if items, err = krm.Run(source, config, source.place(), items); err != nil {
		return err
	}
	list.Items, err = nodesOf(items, came)
	return err
}

// isCopy says whether an item is the copy of the functionConfig that kustomize hands a generator.
func isCopy(node *yaml.RNode, object, config manifest.Object) bool {
	_, local := node.GetAnnotations()[konfig.IgnoredByKustomizeAnnotation]
	return local && manifest.Identify(object) == manifest.Identify(config)
}

// nodesOf writes items down. One that a function hands on as it came keeps the node it was read from.
func nodesOf(items []manifest.Object, came map[uintptr]*yaml.RNode) ([]*yaml.RNode, error) {
	nodes := make([]*yaml.RNode, len(items))
	for i, item := range items {
		if node, untouched := came[reflect.ValueOf(item).Pointer()]; untouched {
			nodes[i] = node
			continue
		}
		node, err := yaml.Parse(string(manifest.Append(nil, item)))
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", manifest.Identify(item), err)
		}
		nodes[i] = node
	}
	return nodes, nil
}

// disk finds specs relative to a folder: the working directory, which kustomize sets to that of the kustomization.
type disk struct {
	reader *schema.Reader
	dir    string // absolute
}

// place is the folder in its fleet's tree, for messages; "." outside of any.
func (d disk) place() string {
	root, err := findRoot(d.dir)
	if err != nil {
		return "."
	}
	dir, err := filepath.Rel(root, d.dir)
	if err != nil {
		return "."
	}
	return filepath.ToSlash(dir)
}

// File reads a spec and what it needs beside it through a root that nothing leaves. The fleet may be anywhere.
func (d disk) File(_, file string) (schema.Environment, error) {
	spec := filepath.Join(d.dir, filepath.FromSlash(file))
	folder := filepath.Dir(spec)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return schema.Environment{}, krm.ErrNoSpec
	}
	root, err := os.OpenRoot(filepath.Dir(folder))
	if err != nil {
		return schema.Environment{}, err
	}
	defer root.Close()
	tree := limitfs.New(root.FS(), fleetLimits())
	if err := schema.RefuseNewer(tree, version); err != nil {
		return schema.Environment{}, err
	}
	return krm.Tree{Reader: d.reader, FS: tree}.File(filepath.Base(folder), filepath.Base(spec))
}

// Inline reads a spec that stands in the functionConfig.
func (d disk) Inline(name string, spec krm.Inline) (schema.Environment, error) {
	return krm.Tree{Reader: d.reader}.Inline(name, spec)
}
