// Package manifest is about Kubernetes objects as plain data: who an object is and how it is written down as YAML.
// It knows no kinds: what an object may hold is for package schema to say.
package manifest

import (
	"bytes"
	"strings"
)

// Object is one Kubernetes object as JSON data: maps with string keys, slices of any, strings, bools, nil,
// int, int64, uint64 for whole numbers beyond it, and float64.
type Object = map[string]any

// ID says which object an object is. Two objects with one ID cannot be in one render.
type ID struct {
	APIVersion, Kind, Namespace, Name string
}

// Identify reads the ID of an object; what is missing is empty.
func Identify(object Object) ID {
	metadata, _ := object["metadata"].(map[string]any)
	return ID{
		APIVersion: text(object["apiVersion"]),
		Kind:       text(object["kind"]),
		Namespace:  text(metadata["namespace"]),
		Name:       text(metadata["name"]),
	}
}

// Group is the API group of the object: empty for Kubernetes' core group.
func (id ID) Group() string {
	group, _, found := strings.Cut(id.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// String gives Kind namespace/name, the way people write it.
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + " " + id.Name
	}
	return id.Kind + " " + id.Namespace + "/" + id.Name
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// New is an object with nothing but its identity. namespace is empty for a cluster-wide object.
func New(apiVersion, kind, namespace, name string) Object {
	metadata := map[string]any{"name": name}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	return Object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
}

// Label adds labels to the object's metadata.
func Label(object Object, labels map[string]string) { add(object, "labels", labels) }

// Annotate adds annotations to the object's metadata.
func Annotate(object Object, annotations map[string]string) { add(object, "annotations", annotations) }

func add(object Object, field string, values map[string]string) {
	if len(values) == 0 {
		return
	}
	metadata, _ := object["metadata"].(map[string]any)
	present, _ := metadata[field].(map[string]any)
	if present == nil {
		present = make(map[string]any, len(values))
		metadata[field] = present
	}
	for name, value := range values {
		present[name] = value
	}
}

// Copy is an object that shares nothing with the one it is made from.
func Copy(object Object) Object { return CopyOf(object).(map[string]any) }

// CopyOf is JSON data that shares nothing with the value it is made from.
func CopyOf(value any) any {
	switch value := value.(type) {
	case map[string]any:
		fresh := make(map[string]any, len(value))
		for name, v := range value {
			fresh[name] = CopyOf(v)
		}
		return fresh
	case []any:
		fresh := make([]any, len(value))
		for i, v := range value {
			fresh[i] = CopyOf(v)
		}
		return fresh
	}
	return value
}

// Join puts printed streams behind each other, as the documents of one.
func Join(streams [][]byte) []byte { return bytes.Join(streams, []byte("---\n")) }
