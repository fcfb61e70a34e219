package schema

// Plane is where the objects of an environment are applied.
type Plane string

// The two planes: what controls the environment, and what runs in it.
const (
	Hub   Plane = "hub"
	Spoke Plane = "spoke"
)

// Planes are both, in the order in which they are rendered.
func Planes() []Plane { return []Plane{Hub, Spoke} }
