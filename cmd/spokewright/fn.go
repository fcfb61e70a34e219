package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/kptdev/krm-functions-sdk/go/fn"
	"github.com/spf13/cobra"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/kustomize"
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
	text, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	list := &fn.ResourceList{}
	if len(bytes.TrimSpace(text)) > 0 {
		if list, err = fn.ParseResourceList(text); err != nil {
			return finding.Wrong(finding.Unreadable, "reading a ResourceList from stdin: %v", err)
		}
	}
	if list.FunctionConfig == nil || list.FunctionConfig.IsEmpty() {
		return finding.Wrong(finding.FunctionConfig, "no functionConfig: spokewright fn reads a ResourceList (%s) from stdin", kio.ResourceListAPIVersion)
	}
	items := make([]*yaml.RNode, len(list.Items))
	for i, item := range list.Items {
		items[i] = item.MoveToResourceNode()
	}
	made, err := respond(list.FunctionConfig.CopyToResourceNode(), items)
	if err != nil {
		return err
	}
	list.Items = nil // ToYAML would sort them, and print again what is printed already
	envelope, err := list.ToYAML()
	if err != nil {
		return fmt.Errorf("writing a ResourceList: %w", err)
	}
	_, err = stdout.Write(appendItems(envelope, made))
	return err
}

// appendItems adds printed objects to a printed ResourceList, as its last field.
func appendItems(envelope []byte, made [][]byte) []byte {
	if len(made) == 0 {
		return append(envelope, "items: []\n"...)
	}
	envelope = append(envelope, "items:\n"...)
	for _, object := range made {
		mark := "- "
		for line := range bytes.Lines(object) {
			if len(bytes.TrimRight(line, "\n")) > 0 {
				envelope = append(envelope, mark...)
			}
			envelope, mark = append(envelope, line...), "  "
		}
	}
	return envelope
}

// respond runs the function that a functionConfig chooses and prints what comes of the items. One that the function hands
// on as it came is printed as it was written.
func respond(config *yaml.RNode, items []*yaml.RNode) ([][]byte, error) {
	configured, err := config.Map()
	if err != nil {
		return nil, finding.Wrong(finding.Unreadable, "reading the functionConfig: %v", err)
	}
	came := make(map[uintptr]*yaml.RNode, len(items))
	var objects []manifest.Object
	for _, node := range items {
		object, err := node.Map()
		if err != nil {
			return nil, finding.Wrong(finding.Unreadable, "reading an item: %v", err)
		}
		if !isCopy(node, object, configured) {
			objects = append(objects, object)
			came[reflect.ValueOf(object).Pointer()] = node
		}
	}
	source, err := workingDirectory()
	if err != nil {
		return nil, err
	}
	if objects, err = source.runner().Run(configured, source.place(), objects); err != nil {
		return nil, source.traced(err)
	}
	return printed(objects, came)
}

// isCopy says whether an item is the copy of the functionConfig that kustomize hands a generator.
func isCopy(node *yaml.RNode, object, config manifest.Object) bool {
	_, local := node.GetAnnotations()[konfig.IgnoredByKustomizeAnnotation]
	return local && manifest.Identify(object) == manifest.Identify(config)
}

// printed writes objects down, each once. came are those that were read, by the address of their map, which is how
// krm.Run tells that it hands one on.
func printed(objects []manifest.Object, came map[uintptr]*yaml.RNode) ([][]byte, error) {
	all := make([][]byte, len(objects))
	for i, object := range objects {
		node, untouched := came[reflect.ValueOf(object).Pointer()]
		if !untouched {
			all[i] = manifest.Append(nil, object)
			continue
		}
		text, err := node.String()
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", manifest.Identify(object), err)
		}
		all[i] = []byte(text)
	}
	return all, nil
}

// workingDirectory is where specs are found: kustomize sets it to the folder of the kustomization.
func workingDirectory() (disk, error) {
	reader, err := schema.NewReader()
	if err != nil {
		return disk{}, err
	}
	dir, err := os.Getwd()
	return disk{reader, dir}, err
}

// disk finds specs relative to a folder: the working directory, which kustomize sets to that of the kustomization.
type disk struct {
	reader *schema.Reader
	dir    string // absolute
}

// runner runs functions with specs from the disk. What they find wrong is looked for in the files of the folder.
func (d disk) runner() krm.Runner {
	return krm.Runner{Source: d, Expand: functions.Expand, Where: func(dir string, f finding.Finding) finding.Position {
		root, err := findRoot(d.dir)
		if err != nil {
			root = d.dir
		}
		opened, err := os.OpenRoot(root)
		if err != nil {
			return finding.Position{}
		}
		defer opened.Close()
		return kustomize.Where(limitfs.New(opened.FS(), fleetLimits()), dir, f)
	}}
}

// traced is an error with the places of the fleet's specs in it, where there is a fleet.
func (d disk) traced(err error) error {
	root, noFleet := findRoot(d.dir)
	if noFleet != nil {
		return err
	}
	opened, unreadable := os.OpenRoot(root)
	if unreadable != nil {
		return err
	}
	defer opened.Close()
	return cause.TracedError(limitfs.New(opened.FS(), fleetLimits()), d.reader, err)
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
