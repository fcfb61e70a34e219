package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Read reads objects as kubectl prints them, in YAML or JSON: one after another, or in lists.
func Read(printed []byte) ([]manifest.Object, error) {
	read := fromYAML
	if brace, isBrace := bytes.CutPrefix(bytes.TrimSpace(printed), []byte("{")); isBrace && bytes.HasPrefix(bytes.TrimSpace(brace), []byte(`"`)) {
		read = fromJSON // kubectl's, which is read ten times as fast as such
	}
	documents, err := read(printed)
	if err != nil {
		return nil, err
	}
	var objects []manifest.Object
	for _, document := range documents {
		objects = append(objects, listed(document)...)
	}
	return objects, nil
}

func fromYAML(printed []byte) ([]manifest.Object, error) {
	var objects []manifest.Object
	number := 0
	for document, err := range manifest.Documents(printed) {
		number++
		var value any
		if err == nil {
			err = document.Decode(&value)
		}
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", number, err)
		}
		object, is := value.(map[string]any)
		if !is && value != nil {
			return nil, fmt.Errorf("document %d: found %T, allowed is an object of Kubernetes", number, value)
		}
		if is {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

func fromJSON(printed []byte) ([]manifest.Object, error) {
	var objects []manifest.Object
	for decoder := json.NewDecoder(bytes.NewReader(printed)); ; {
		var object manifest.Object
		switch err := decoder.Decode(&object); {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("document %d: %w", len(objects)+1, err)
		}
		objects = append(objects, object)
	}
}

// listed are the objects of a list, or the object itself.
func listed(object manifest.Object) []manifest.Object {
	if _, isList := object["items"].([]any); !isList || !strings.HasSuffix(manifest.Identify(object).Kind, "List") {
		return []manifest.Object{object}
	}
	return manifest.MapsAt(object, "items")
}
