package kustomize

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"spokewright.dev/spokewright/internal/manifest"
)

// refersByName are the kinds in whose fields kustomize looks for names of other objects. It changes none as long as no
// object is renamed, but it refuses an object in which such a field is not built as it expects.
// Source: nameReference in kustomize api v0.21.2, internal/konfig/builtinpluginconsts/namereference.go.
var refersByName = map[string]bool{
	"APIService": true, "ClusterRole": true, "ClusterRoleBinding": true, "CronJob": true, "DaemonSet": true,
	"Deployment": true, "HorizontalPodAutoscaler": true, "Ingress": true, "Job": true, "MutatingWebhookConfiguration": true,
	"Node": true, "PersistentVolume": true, "PersistentVolumeClaim": true, "Pod": true, "PodTemplate": true,
	"ReplicaSet": true, "ReplicationController": true, "Role": true, "RoleBinding": true, "Service": true,
	"ServiceAccount": true, "StatefulSet": true, "StorageClass": true, "ValidatingAdmissionPolicyBinding": true,
	"ValidatingWebhookConfiguration": true,
}

// ordinary says whether kustomize, which forgets to quote the keys of annotations, reads this one back as a string.
func ordinary(key string) bool {
	for i := range len(key) {
		c := key[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || (('0' > c || c > '9') && c != '.' && c != '_' && c != '/' && c != '-')) {
			return false
		}
	}
	return key != "" && !retyped[strings.ToLower(key)]
}

// retyped are the words, in lower case, that some reader of YAML takes for something else than a string.
var retyped = map[string]bool{
	"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true, "null": true,
}

// odd says whether an object holds a string that kustomize may not read back as it was, or a key that means something else
// to it. What it does with all other strings is known: package manifest is tested against it.
func odd(value any) bool {
	switch v := value.(type) {
	case string:
		return oddText(v)
	case []any:
		return slices.ContainsFunc(v, odd)
	case map[string]any:
		for key, item := range v {
			if key == "" || key == "<<" || len(key) > longKey || oddText(key) || odd(item) {
				return true
			}
		}
	}
	return false
}

// maybeOdd says whether the document of an object shows any sign of what odd looks for. It is made to be fast.
func maybeOdd(document []byte) bool {
	for i, c := range document {
		switch {
		case c < ' ' && c != '\n', c == '\\', c >= 0x7f:
			return true
		case c == '"' && i+2 < len(document) && document[i+1] == '"' && document[i+2] == ':': // an empty key
			return true
		case c == '<' && i+1 < len(document) && document[i+1] == '<':
			return true
		case c == '?' && i+1 < len(document) && document[i+1] == ' ': // a long key
			return true
		}
	}
	return false
}

const longKey = 128 // bytes; YAML wants a key of more than 1024 written in another form

func oddText(s string) bool {
	for _, r := range s {
		if r != '\n' && (r == utf8.RuneError || !unicode.IsPrint(r)) {
			return true
		}
	}
	return false
}

// outline is what matters to kustomize when it looks for names in an object: its keys, how it is nested, and which
// kinds it speaks of. Odd strings stay as they are. Two objects with one outline fare alike.
func outline(value any, key string) any {
	switch v := value.(type) {
	case string:
		if key == "kind" || key == "apiVersion" || oddText(v) {
			return v
		}
		return "text"
	case []any:
		items := make([]any, 0, len(v))
		seen := map[string]bool{}
		for _, item := range v {
			lined := outline(item, "")
			if text := string(manifest.Append(nil, manifest.Object{"": lined})); !seen[text] {
				seen[text] = true
				items = append(items, lined)
			}
		}
		return items
	case map[string]any:
		lined := make(map[string]any, len(v))
		for name, item := range v {
			lined[name] = outline(item, name)
		}
		return lined
	case nil:
		return nil
	}
	return 0
}
