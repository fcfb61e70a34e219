// Package documents reads YAML files as the API server gets them: one object a document, its text untouched. It is not
// for judging objects.
package documents

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/manifest"
)

// Document is one object and the text it was read from.
type Document struct {
	Source string // the file and which document of it, from 1
	Text   []byte
	Object manifest.Object
}

// ID says which object the document holds.
func (d Document) ID() manifest.ID { return manifest.Identify(d.Object) }

// Of writes an object as a document.
func Of(source string, object manifest.Object) (Document, error) {
	text, err := yaml.Marshal(object)
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", source, err)
	}
	return Document{Source: source, Text: text, Object: object}, nil
}

// separator is the line between two documents.
var separator = regexp.MustCompile(`(?m)^---[ \t]*(#.*)?$`)

// Read reads one file; empty documents are skipped. Read as Kubernetes reads them, a key that occurs twice is an error.
func Read(file string) ([]Document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []Document
	for _, part := range split(text) {
		document := Document{Source: fmt.Sprintf("%s[%d]", file, len(all)+1), Text: part}
		if err := yaml.UnmarshalStrict(part, &document.Object); err != nil {
			return nil, fmt.Errorf("%s: %w", document.Source, err)
		}
		if len(document.Object) > 0 {
			all = append(all, document)
		}
	}
	return all, nil
}

// ReadFolder reads all *.yaml files in a folder and below it, in order of their names.
func ReadFolder(folder string) ([]Document, error) {
	var all []Document
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		more, err := Read(path)
		all = append(all, more...)
		return err
	})
	return all, err
}

func split(text []byte) [][]byte {
	var parts [][]byte
	for {
		at := separator.FindIndex(text)
		if at == nil {
			return append(parts, text)
		}
		parts = append(parts, text[:at[0]])
		text = text[at[1]:]
	}
}
