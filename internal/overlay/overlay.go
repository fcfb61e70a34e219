// Package overlay writes what the overlay of an environment holds before a team adds to it. What an overlay may hold
// then, and what is built of it, is not for here.
package overlay

import (
	"fmt"

	"spokewright.dev/spokewright/schema"
)

// Plain is the overlay of a plane of an environment of a role, with nothing of a team's own: its files, by their names.
func Plain(environment, role string, plane schema.Plane) map[string]string {
	return map[string]string{"kustomization.yaml": fmt.Sprintf(kustomization, base(role, plane), environment, plane)}
}

// base is the folder of bases/ that a plane begins with. A hub is its own spoke: what it runs goes there.
func base(role string, plane schema.Plane) string {
	switch {
	case plane == schema.Hub:
		return "plane"
	case role == "hub":
		return "hub"
	}
	return "spoke"
}

// kustomization has both functionConfigs in it: nobody needs to edit them, so they need no file of their own.
const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../../bases/%[1]s]
generators:
- |-
  apiVersion: spokewright.dev/v1alpha1
  kind: Environment
  metadata: {name: %[2]s, annotations: {config.kubernetes.io/function: "exec: {path: spokewright, args: [fn]}"}}
  spec: {file: ../../../environments/%[2]s.cue, plane: %[3]s}
transformers:
- |-
  apiVersion: spokewright.dev/v1alpha1
  kind: Guard
  metadata: {name: %[2]s, annotations: {config.kubernetes.io/function: "exec: {path: spokewright, args: [fn]}"}}
  spec: {file: ../../../environments/%[2]s.cue, plane: %[3]s}
sortOptions: {order: fifo}
`
