package crd

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"
)

// kubernetes holds the shapes of Kubernetes' own kinds, a file each, named group_version_Kind.json, the group empty for the core.
// TestNativeKinds makes them of the API server's own description: names and types of fields, and nothing of what is demanded.
//
//go:embed kubernetes.zip
var kubernetes []byte

// natives are the schemas of Kubernetes' own kinds. Each is unpacked when an object of its kind is judged.
func natives() []Schema {
	archive, err := zip.NewReader(bytes.NewReader(kubernetes), int64(len(kubernetes)))
	if err != nil {
		panic(err) // it is in the binary
	}
	schemas := make([]Schema, 0, len(archive.File))
	for _, file := range archive.File {
		name := strings.Split(strings.TrimSuffix(file.Name, ".json"), "_")
		if len(name) != 3 {
			panic(fmt.Sprintf("kubernetes.zip: %s: not group_version_Kind.json", file.Name))
		}
		schemas = append(schemas, lateSchema(strings.TrimPrefix(name[0]+"/"+name[1], "/"), name[2], func() []byte { return unpacked(file) }))
	}
	return schemas
}

func unpacked(file *zip.File) []byte {
	content, err := file.Open()
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(content)
	if err != nil {
		panic(err)
	}
	return text
}
