package guard

import (
	"maps"
	"reflect"
)

// defaults are the values that an API fills in by itself, by the names of their fields: writing them down changes nothing
// (External Secrets 0.20.4, Image Updater 1.3.0).
func defaults(group string) map[string]any {
	switch group {
	case "external-secrets.io":
		return map[string]any{
			"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None", "mergePolicy": "Replace",
			"engineVersion": "v2", "templateAs": "Values", "creationPolicy": "Owner", "deletionPolicy": "Retain",
		}
	case "argocd-image-updater.argoproj.io":
		return map[string]any{"forceUpdate": false, "useAnnotations": false}
	}
	return nil
}

// given is what was found without the defaults that were not promised.
func given(promised, found any, defaults map[string]any) any {
	switch have := found.(type) {
	case map[string]any:
		want, _ := promised.(map[string]any)
		kept := maps.Clone(have)
		for name, value := range have {
			_, ours := want[name]
			if usual, known := defaults[name]; known && !ours && reflect.DeepEqual(usual, value) {
				delete(kept, name)
				continue
			}
			kept[name] = given(want[name], value, defaults)
		}
		return kept
	case []any:
		want, _ := promised.([]any)
		kept := make([]any, len(have))
		for i, value := range have {
			var promise any
			if i < len(want) {
				promise = want[i]
			}
			kept[i] = given(promise, value, defaults)
		}
		return kept
	}
	return found
}
