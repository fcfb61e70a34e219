// Package functions lists what is made of an environment, one folder a function. Each is pure: it reads nothing but
// its arguments, and cannot fail, since what it gets is legal.
package functions

import (
	"spokewright.dev/spokewright/functions/accounts"
	"spokewright.dev/spokewright/functions/addons"
	"spokewright.dev/spokewright/functions/applications"
	"spokewright.dev/spokewright/functions/claims"
	"spokewright.dev/spokewright/functions/credentials"
	"spokewright.dev/spokewright/functions/fleet"
	"spokewright.dev/spokewright/functions/images"
	"spokewright.dev/spokewright/functions/namespaces"
	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/functions/registration"
	"spokewright.dev/spokewright/functions/workspaces"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Function adds to the objects of one plane of an environment, or puts edited copies in their place. It may write to
// the slice of items, never into an item.
type Function func(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object

// Named is a function with the kind of the functionConfig that calls it.
type Named struct {
	Kind string
	Make Function
}

// List is every function, in the order in which they make an environment: images edit what applications made.
func List() []Named {
	return []Named{
		{"Namespaces", namespaces.Make},
		{"Policies", policies.Make},
		{"Claims", claims.Make},
		{"Workspaces", workspaces.Make},
		{"Registration", registration.Make},
		{"Credentials", credentials.Make},
		{"AddonObjects", addons.Make},
		{"Accounts", accounts.Make},
		{"Applications", applications.Make},
		{"FleetList", fleet.Make},
		{"ImageUpdates", images.Make},
	}
}

// Expand makes all objects of a plane of an environment.
func Expand(e schema.Environment, plane schema.Plane) []manifest.Object {
	var items []manifest.Object
	for _, function := range List() {
		items = function.Make(e, plane, items)
	}
	return items
}

// Root makes what starts a hub that has Argo CD; nothing of an environment that is none.
func Root(e schema.Environment) []manifest.Object { return fleet.Root(e) }
