package manifest

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"go.yaml.in/yaml/v3"
)

// Documents reads a stream of YAML document by document, each with the places of what it holds. After an error, which is
// the YAML library's, nothing follows.
func Documents(text []byte) iter.Seq2[*yaml.Node, error] {
	return func(yield func(*yaml.Node, error) bool) {
		for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
			document := &yaml.Node{}
			err := decoder.Decode(document)
			if errors.Is(err, io.EOF) || !yield(document, err) || err != nil {
				return
			}
		}
	}
}

// Objects reads the objects of a stream of YAML that Spokewright printed.
func Objects(text []byte) ([]Object, error) {
	var objects []Object
	for document, err := range Documents(text) {
		if err != nil {
			return nil, err
		}
		var object Object
		if err := document.Decode(&object); err != nil {
			return nil, err
		}
		if object != nil {
			objects = append(objects, object)
		}
	}
	return objects, nil
}
