package change

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/judge"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// escape is a field with which a Pod gets out of its container: what the baseline of the Pod Security Standards forbids.
type escape struct {
	path   []string
	reason string
}

// podOf is where an object has the spec of its Pods; nil where it makes none.
func podOf(object manifest.Object) []string {
	id := manifest.Identify(object)
	if id.Kind == "Pod" && id.Group() == "" {
		return []string{"spec"}
	}
	if template := judge.PodTemplate(id); template != nil {
		return append(template, "spec")
	}
	return nil
}

// escapes are those of an object's Pods. Where two have the same list of containers, they are known by their names.
func escapes(object manifest.Object) map[string]escape {
	at := podOf(object)
	spec, is := manifest.MapAt(object, at...)
	if at == nil || !is {
		return nil
	}
	found := map[string]escape{}
	add := func(key, reason string, path ...string) {
		found[key] = escape{append(slices.Clone(at), path...), reason}
	}
	for _, field := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		if spec[field] == true {
			add(field, "its Pods see the node's own: "+field, field)
		}
	}
	for i, volume := range manifest.MapsAt(spec, "volumes") {
		if path, there := manifest.MapAt(volume, "hostPath"); there {
			add("hostPath "+fmt.Sprint(path["path"]), "its Pods see the node's files", "volumes", strconv.Itoa(i))
		}
	}
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		for i, container := range manifest.MapsAt(spec, list) {
			name, inside := fmt.Sprint(container["name"])+" ", []string{list, strconv.Itoa(i)}
			if value, _ := manifest.Get(container, "securityContext", "privileged"); value == true {
				add(name+"privileged", "its Pods may do everything on the node", append(inside, "securityContext", "privileged")...)
			}
			for _, capability := range capabilities(container) {
				add(name+capability, "its Pods may do more on the node: "+capability, append(inside, "securityContext", "capabilities", "add")...)
			}
			for j, port := range manifest.MapsAt(container, "ports") {
				if number, _ := manifest.Number(port["hostPort"]); number != 0 {
					add(name+fmt.Sprint(port["hostPort"]), "its Pods listen on the node's own address", append(inside, "ports", strconv.Itoa(j), "hostPort")...)
				}
			}
		}
	}
	return found
}

// harmless are the capabilities that the baseline lets a container add (k8s.io/pod-security-admission/policy/check_capabilities_baseline.go).
func harmless() []string {
	return []string{"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}
}

func capabilities(container map[string]any) []string {
	value, _ := manifest.Get(container, "securityContext", "capabilities", "add")
	return slices.DeleteFunc(texts(value), func(one string) bool { return slices.Contains(harmless(), strings.TrimPrefix(one, "CAP_")) })
}

// escaping are the effects of an object whose Pods get out of their containers as they did not.
func escaping(old, new manifest.Object) (effects []effect) {
	before, after := escapes(old), escapes(new)
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if _, had := before[key]; !had {
			effects = append(effects, within(old, new, after[key].reason, after[key].path))
		}
	}
	return effects
}

// within is the effect of a field at a path of an object, where elements of lists have numbers: it is told as differences are, by the
// names of elements.
func within(old, new manifest.Object, reason string, path []string) effect {
	e := weakened(old, new, reason, path...)
	e.Path, e.inside = "", true
	for i, step := range path {
		holder, _ := manifest.Get(new, path[:i]...)
		list, isList := holder.([]any)
		number, err := strconv.Atoi(step)
		switch key, named := nameOf(list, list); {
		case isList && named && err == nil && number < len(list):
			name, _ := manifest.Get(list[number], key)
			e.Path = e.Path.Keys(fmt.Sprint(name))
		case isList && err == nil:
			e.Path = e.Path.Index(number)
		default:
			e.Path = e.Path.Keys(step)
		}
	}
	e.field, e.HasOld, e.Old = e.Path, false, nil // of which element that was is not known
	return e
}

// refusedBySpoke are the effects on an object that breaks a rule of its environment's class and did not: the policies that the
// spoke enforces take no such object. Only what a change brings is judged there, and nothing in the platform's namespaces.
func (c *comparison) refusedBySpoke(old manifest.Object, p *placed) (effects []effect) {
	e, known := c.head.environment(p.environment)
	if !known || p.plane == schema.Hub || slices.Contains(policies.Platform(e), p.namespace) {
		return nil
	}
	if _, _, is := c.head.claimOf(p.id); is {
		return nil
	}
	var before []judge.Violation
	if old != nil {
		before = judge.Judge(e, old)
	}
	for _, v := range judge.Judge(e, p.Object.Object) {
		if !v.Refuses() || slices.ContainsFunc(before, func(had judge.Violation) bool {
			return had.Rule.Name == v.Rule.Name && slices.Equal(had.Path, v.Path) && had.Found == v.Found
		}) {
			continue
		}
		n := within(old, p.Object.Object, "rule "+finding.Quote(v.Rule.Name)+" of class "+e.Class.Name+" refuses it on the spoke: "+v.Rule.Message+" ("+v.Required+")", v.Path)
		n.Class, n.Position = Refused, v.Rule.Position
		n.Remedy = "write what it requires; or a waiver with a reason and a last day lets it through"
		effects = append(effects, n)
	}
	return effects
}

// noneStays says whether no Pod must stay any more, where some had to.
func noneStays(old, new any) bool {
	none := func(value any) bool { return value == nil || slices.Contains([]string{"0", "0%"}, fmt.Sprint(value)) }
	return none(new) && !none(old)
}

// allMayGo says whether all Pods may be away, where not all could.
func allMayGo(old, new any) bool { return fmt.Sprint(new) == "100%" && fmt.Sprint(old) != "100%" }
