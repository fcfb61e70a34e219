package change

import (
	"fmt"
	"strconv"

	"spokewright.dev/spokewright/schema"
)

// handedOver is the effect of the Application of an environment's plane that goes from a hub, where the environment is on another
// one in the head. Both hubs apply the same file of golden/: the old one has to have let go before that says what is to stay.
func (c *comparison) handedOver(p *placed, environment string, e effect) (effect, bool) {
	after, there := c.head.environment(environment)
	if !there || after.Hub == p.environment || !c.head.has(p.environment) {
		return e, false
	}
	e.Position = after.Written("hub")
	hub, file := strconv.Quote(p.environment), schema.SpecFile(environment)
	switch listed := p.Set != ""; {
	case listed:
		e.Reason = fmt.Sprintf("hub %s keeps what its list made, so that two hubs work at the same objects", hub)
		e.Remedy = fmt.Sprintf(`write hub: %s and retiring: "release" in %s first, and merge that`, hub, file)
	case after.Retiring != schema.Release:
		e.Reason = fmt.Sprintf("hub %s deletes all of it, and by the same file learns that it is not released any more: what it has in the cloud may go", hub)
		e.Remedy = fmt.Sprintf(`keep retiring: "release" in %s until %s is gone from hub %s`, file, p.id.Name, hub)
	default:
		e.Class, e.Reason, e.Remedy = InPlace, fmt.Sprintf("hub %s lets go of what it has, and hub %q finds it released", hub, after.Hub), ""
	}
	return e, true
}
