package conformance

import (
	"encoding/json"
	"slices"

	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/manifest"
)

// compliant are Pods that keep the restricted Pod Security Standard: one by what is said for the whole Pod, one by what is
// said for each container.
func compliant() []manifest.Object {
	const rights = `"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}`
	const kept = `"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}`
	return []manifest.Object{
		podWith(`{"securityContext": {`+kept+`}}`, `{"securityContext": {`+rights+`}}`),
		podWith(`{}`, `{"securityContext": {`+rights+`, `+kept+`}}`),
	}
}

// mere are Pods that keep no more than the baseline, unless their system is one that has no such rights to give up.
func mere() []manifest.Object {
	return []manifest.Object{
		podWith(`{}`, `{}`),
		podWith(`{"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": true}}`, `{}`),
	}
}

// podWith is a Pod with containers of every sort, all with the same in them.
func podWith(spec, container string) manifest.Object {
	pod, inside := manifest.New("v1", "Pod", "default", "trial"), parsed(spec).(map[string]any)
	pod["spec"] = inside
	for sort, names := range map[string][]string{"containers": {"app", "helper"}, "initContainers": {"setup", "proxy"}, "ephemeralContainers": {"debug"}} {
		var all []any
		for _, name := range names {
			one := parsed(container).(map[string]any)
			one["name"], one["image"] = name, "registry.example.com/shop/"+name+":1.0"
			if name == "proxy" {
				one["restartPolicy"] = "Always"
			}
			all = append(all, one)
		}
		inside[sort] = all
	}
	return pod
}

// parsed is a value that is written as JSON here.
func parsed(text string) any {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(text + ": " + err.Error())
	}
	return value
}

// randomPods are Pods as above with up to five changes, each of a field that the standards speak of.
func randomPods() *rapid.Generator[manifest.Object] {
	good, ofPod, ofContainer := compliant(), podFields(), containerFields()
	bases := slices.Concat(good, good, mere())
	return rapid.Custom(func(t *rapid.T) manifest.Object {
		pod := manifest.Copy(bases[rapid.IntRange(0, len(bases)-1).Draw(t, "base")])
		for range rapid.IntRange(0, 5).Draw(t, "changes") {
			sort := rapid.SampledFrom([]string{"", "", "containers", "initContainers", "ephemeralContainers"}).Draw(t, "where")
			spec := pod["spec"].(map[string]any)
			if list, _ := spec[sort].([]any); len(list) > 0 {
				i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
				rapid.SampledFrom(ofContainer).Draw(t, "field").draw(t, list[i].(map[string]any))
				continue
			}
			rapid.SampledFrom(ofPod).Draw(t, "field").draw(t, pod)
		}
		return pod
	})
}
