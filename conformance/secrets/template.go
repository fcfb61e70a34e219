package secrets

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"text/template"
)

// templated gives the fields that a template makes of values; without one the values are the fields.
func templated(from map[string]any, values map[string]string) (map[string]string, error) {
	data, _ := from["data"].(map[string]any)
	if len(data) == 0 {
		return values, nil
	}
	functions := template.FuncMap{
		"b64enc": func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
		"b64dec": func(text string) (string, error) {
			plain, err := base64.StdEncoding.DecodeString(text)
			return string(plain), err
		},
	}
	fields := map[string]string{}
	for key, text := range data {
		parsed, err := template.New(key).Option("missingkey=error").Funcs(functions).Parse(fmt.Sprint(text))
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := parsed.Execute(&out, values); err != nil {
			return nil, err
		}
		fields[key] = out.String()
	}
	return fields, nil
}
