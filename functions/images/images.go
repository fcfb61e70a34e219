// Package images makes apps follow new versions of their images, through Argo CD Image Updater: as annotations on
// the Applications that other functions made, or as one ImageUpdater object for the environment. It makes no Application.
package images

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// The label by which the fleet's one ImageUpdater finds the Applications whose annotations it honours.
const (
	followLabel = "spokewright.dev/image-updates"
	follows     = "enabled"
)

// Make edits or appends what makes the environment's images follow new versions.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Hub {
		return items
	}
	if e.Fleet.Targets.ImageUpdater.API == "objects" {
		return append(items, updaters(e)...)
	}
	for i, item := range items {
		if id := manifest.Identify(item); id.Kind == "ApplicationSet" && id.Name == e.Name+"-apps" {
			items[i] = manifest.Copy(item)
			annotate(e, items[i])
		}
	}
	// Since 1.0 annotations are read only where an ImageUpdater says so; before, there is no such kind.
	if e.Role == "hub" && !e.Fleet.Targets.ImageUpdater.Before("1.0") {
		items = append(items, honouring(e))
	}
	return items
}

// annotate gives the elements of the environment's ApplicationSet of apps the annotations of their apps' images.
func annotate(e schema.Environment, item manifest.Object) {
	for _, element := range argocd.Elements(item) {
		name, _ := element["app"].(string)
		app := e.Apps[name]
		if len(app.Images) == 0 {
			continue
		}
		add(element, "labels", map[string]string{followLabel: follows})
		add(element, "annotations", annotations(e, app))
	}
}

func add(element map[string]any, field string, values map[string]string) {
	present, _ := element[field].(map[string]any)
	if present == nil {
		present = map[string]any{}
		element[field] = present
	}
	for name, value := range values {
		present[name] = value
	}
}

// annotations are those that Image Updater reads from an Application (Image Updater 1.3, docs/configuration/images).
func annotations(e schema.Environment, app schema.App) map[string]string {
	const prefix = "argocd-image-updater.argoproj.io/"
	var list []string
	a := map[string]string{
		prefix + "write-back-method": "git:secret:" + e.Fleet.ImageUpdates.Credentials,
		prefix + "git-branch":        app.Revision,
	}
	if target := target(app); target != "" {
		a[prefix+"write-back-target"] = target
	}
	for _, alias := range slices.Sorted(maps.Keys(app.Images)) {
		image := app.Images[alias]
		list = append(list, alias+"="+image.Reference())
		put := func(key, value string) {
			if value != "" {
				a[prefix+alias+"."+key] = value
			}
		}
		put("update-strategy", image.Strategy())
		put("allow-tags", allowTags(image))
		put("ignore-tags", strings.Join(image.Ignore, ", "))
		put("platforms", strings.Join(image.Platforms, ","))
		put("pull-secret", pullSecret(image))
		if app.Type == "kustomize" {
			put("kustomize.image-name", replaced(image))
		} else {
			put("helm.image-name", image.Helm.Name)
			put("helm.image-tag", image.Helm.Tag)
		}
	}
	a[prefix+"image-list"] = strings.Join(list, ",")
	return a
}

// target is where new tags are written to, as Image Updater says it; empty for a file of the app's own.
func target(app schema.App) string {
	if file := app.ValuesFile(); file != "" {
		return "helmvalues:" + file
	}
	if app.WriteTo == "kustomization" {
		return "kustomization"
	}
	return ""
}

// pullSecret is a Secret as Image Updater says it: since 1.3 it reads none but those beside the Application.
func pullSecret(image schema.Image) string {
	if image.PullSecret == "" {
		return ""
	}
	return "pullsecret:" + argocd.ArgoCDNamespace + "/" + image.PullSecret
}

func allowTags(image schema.Image) string {
	if image.Allow == "" {
		return ""
	}
	return "regexp:" + image.Allow
}

// replaced is the name that the app's manifests use. It is always said: left out, a renamed image gets a second entry.
func replaced(image schema.Image) string {
	if image.Replaces != "" {
		return image.Replaces
	}
	return image.Name
}

// honouring is the one object that makes Image Updater 1.1 and later read annotations.
func honouring(e schema.Environment) manifest.Object {
	object := updater(e, "annotations")
	object["spec"] = map[string]any{"applicationRefs": []any{map[string]any{
		"namePattern":    "*",
		"labelSelectors": map[string]any{"matchLabels": map[string]any{followLabel: follows}},
		"useAnnotations": true,
	}}}
	return object
}

// updaters is the environment's own object with all its apps; none where no image follows anything.
func updaters(e schema.Environment) []manifest.Object {
	var references []any
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		if app := e.Apps[name]; len(app.Images) > 0 {
			references = append(references, reference(e, name, app))
		}
	}
	if len(references) == 0 {
		return nil
	}
	object := updater(e, e.Name)
	object["spec"] = map[string]any{
		"writeBackConfig": map[string]any{"method": "git:secret:" + e.Fleet.ImageUpdates.Credentials},
		"applicationRefs": references,
	}
	return []manifest.Object{object}
}

func updater(e schema.Environment, name string) manifest.Object {
	id := manifest.ID{APIVersion: "argocd-image-updater.argoproj.io/v1alpha1", Kind: "ImageUpdater", Namespace: argocd.ArgoCDNamespace, Name: name}
	return argocd.Object(e, id, argocd.Placement{Wave: argocd.WaveApps, Foreign: true})
}

func reference(e schema.Environment, name string, app schema.App) map[string]any {
	git := map[string]any{"branch": app.Revision}
	if target := target(app); target != "" {
		git["writeBackTarget"] = target
	}
	if server := e.Class.PullRequests; server != "" {
		git["pullRequest"] = map[string]any{server: map[string]any{}}
	}
	var images []any
	for _, alias := range slices.Sorted(maps.Keys(app.Images)) {
		images = append(images, image(app, alias))
	}
	return map[string]any{
		"namePattern":     e.Application(name),
		"useAnnotations":  false, // written, since what the API server adds in a list makes it another one
		"images":          images,
		"writeBackConfig": map[string]any{"method": "git:secret:" + e.Fleet.ImageUpdates.Credentials, "gitConfig": git},
	}
}

func image(app schema.App, alias string) map[string]any {
	i := app.Images[alias]
	settings := map[string]any{"updateStrategy": i.Strategy(), "forceUpdate": false}
	if allow := allowTags(i); allow != "" {
		settings["allowTags"] = allow
	}
	if len(i.Ignore) > 0 {
		settings["ignoreTags"] = list(i.Ignore)
	}
	if len(i.Platforms) > 0 {
		settings["platforms"] = list(i.Platforms)
	}
	if secret := pullSecret(i); secret != "" {
		settings["pullSecret"] = secret
	}
	target := map[string]any{"kustomize": map[string]any{"name": replaced(i)}}
	if app.Type == "helm" {
		target = map[string]any{"helm": helm(i.Helm)}
	}
	return map[string]any{"alias": alias, "imageName": i.Reference(), "commonUpdateSettings": settings, "manifestTargets": target}
}

func helm(names schema.HelmImage) map[string]any {
	target := map[string]any{}
	if names.Name != "" {
		target["name"] = names.Name
	}
	if names.Tag != "" {
		target["tag"] = names.Tag
	}
	return target
}

func list(words []string) []any {
	values := make([]any, len(words))
	for i, word := range words {
		values[i] = word
	}
	return values
}
