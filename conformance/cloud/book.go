package cloud

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"spokewright.dev/spokewright/internal/externalname"
)

// Deed is what happened to a thing in the cloud.
type Deed string

// The deeds. A duplicate is a second thing made beside the one that the object should have found; refused is what the
// cloud does not make a second time, so that its object never becomes ready.
const (
	Created   Deed = "created"
	Found     Deed = "found"
	Updated   Deed = "updated"
	Deleted   Deed = "deleted"
	Kept      Deed = "kept"
	Duplicate Deed = "DUPLICATE"
	Refused   Deed = "REFUSED"
	Missing   Deed = "MISSING"
	Lost      Deed = "lost" // what somebody took away in the cloud, past every hub
)

// Line is one line of the book. Thing is KIND/NATURAL, the same for every object that asks for it; Name is what the cloud
// calls it.
type Line struct {
	At               time.Time
	Deed             Deed
	Hub, Environment string
	Thing, Name      string
}

func (l Line) String() string {
	return fmt.Sprintf("%s %-9s %-5s %-10s %s as %s", l.At.Format("15:04:05"), l.Deed, l.Hub, l.Environment, l.Thing, l.Name)
}

// Book knows what exists, and what happened. It outlives hubs.
type Book struct {
	lock   sync.Mutex
	names  map[string]string // KIND/NAME to thing
	things map[string]string // thing to name, the first of its kind
	lines  []Line
	next   int
	now    func() time.Time
}

// NewBook is one in which nothing exists but what people make before.
func NewBook() *Book {
	b := &Book{names: map[string]string{}, things: map[string]string{}, now: time.Now}
	for _, called := range before() {
		b.names[called] = called
	}
	return b
}

// request is what an object asks of the cloud.
type request struct {
	kind             externalname.Kind
	hub, environment string
	object           string // the object's own name, which is made of the environment's id: the same on every hub
	name             string // the recorded external name; empty where there is none
	create           bool   // whether it may be made
}

func (r request) thing() string { return title(r.kind) + "/" + r.object }

// called is what the book files a thing under by its name.
func (r request) called() string { return r.under(r.name) }

// under is where the book files a thing of a name. A pool's name is one of its cluster: two clusters have pools of one name, and the
// object, which is made of the cluster's id, says of which it is.
func (r request) under(name string) string {
	switch r.kind.Name {
	case "NodeGroup", "NodePool", "KubernetesClusterNodePool":
		return r.thing() + "/" + name
	}
	return title(r.kind) + "/" + name
}

// title is KIND.SERVICE.CLOUD.
func title(kind externalname.Kind) string { return kind.Name + "." + kind.Group }

// answer is what the cloud says: the external name, or why there is none.
type answer struct {
	name    string
	deed    Deed
	problem string
}

// ask finds or makes what an object asks for.
func (b *Book) ask(r request) answer {
	b.lock.Lock()
	defer b.lock.Unlock()
	if _, exists := b.names[r.called()]; exists && r.name != "" {
		return b.say(r, Found, r.name, "")
	}
	twin, twins := b.things[r.thing()]
	invented := r.kind.Origin == externalname.Invented
	switch {
	case twins && !invented && r.name == "", twins && invented && r.kind.Again == externalname.Same:
		return b.say(r, Found, twin, "")
	case twins && invented && r.kind.Again == externalname.Refused:
		return b.say(r, Refused, twin, fmt.Sprintf("create failed: %s exists already", r.thing()))
	case !r.create:
		return b.say(r, Missing, r.name, fmt.Sprintf("observe failed: %s %q does not exist, and may not be made", title(r.kind), r.name))
	case twins && invented:
		return b.make(r, Duplicate)
	default:
		return b.make(r, Created)
	}
}

// make makes a thing. A name that is given becomes its name, unless the cloud invents names.
func (b *Book) make(r request, deed Deed) answer {
	name := r.name
	switch {
	case r.kind.Origin == externalname.Invented:
		b.next++
		name = fmt.Sprintf(r.kind.Form, fmt.Sprintf("%08x", 0x5ee00000+b.next))
	case name == "":
		name = r.object
	}
	b.names[r.under(name)] = r.thing()
	if _, twins := b.things[r.thing()]; !twins {
		b.things[r.thing()] = name
	}
	return b.say(r, deed, name, "")
}

func (b *Book) say(r request, deed Deed, name, problem string) answer {
	b.write(deed, r, name)
	return answer{name, deed, problem}
}

// write adds a line, but not twice the same in a row of one thing: a controller asks again and again.
func (b *Book) write(deed Deed, r request, name string) {
	line := Line{b.now(), deed, r.hub, r.environment, r.thing(), name}
	for _, before := range slices.Backward(b.lines) {
		if before.Thing == line.Thing && before.Hub == line.Hub && before.Environment == line.Environment {
			same := before.Deed == deed || deed == Found && (before.Deed == Created || before.Deed == Duplicate || before.Deed == Updated)
			if same && before.Name == name && deed != Updated {
				return
			}
			break
		}
	}
	b.lines = append(b.lines, line)
}

// leave is what becomes of a thing whose object goes.
func (b *Book) leave(r request, remove bool) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if _, exists := b.names[r.called()]; !exists {
		return
	}
	if !remove {
		b.write(Kept, r, r.name)
		return
	}
	delete(b.names, r.called())
	if b.things[r.thing()] == r.name {
		delete(b.things, r.thing())
	}
	b.write(Deleted, r, r.name)
}

// has says whether what an object knows by name is there.
func (b *Book) has(r request) bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	_, exists := b.names[r.called()]
	return exists && r.name != ""
}

// lose takes the things of an environment out of the cloud whose KIND.SERVICE.CLOUD matches.
func (b *Book) lose(environment string, match func(title string) bool) {
	b.lock.Lock()
	defer b.lock.Unlock()
	for _, line := range b.lines {
		kind, _, _ := strings.Cut(line.Thing, "/")
		called := kind + "/" + line.Name
		if b.names[called] == "" { // a name of its cluster
			called = line.Thing + "/" + line.Name
		}
		if line.Environment != environment || !match(kind) || b.names[called] == "" {
			continue
		}
		delete(b.names, called)
		delete(b.things, line.Thing)
		b.lines = append(b.lines, Line{b.now(), Lost, "", environment, line.Thing, line.Name})
	}
}

// update notes that a thing was changed.
func (b *Book) update(r request) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.write(Updated, r, r.name)
}

// Lines are all lines from the one with that number on, which match.
func (b *Book) Lines(from int, match func(Line) bool) []Line {
	b.lock.Lock()
	defer b.lock.Unlock()
	var found []Line
	for _, line := range b.lines[min(from, len(b.lines)):] {
		if match == nil || match(line) {
			found = append(found, line)
		}
	}
	return found
}

// Count is how many lines there are so far.
func (b *Book) Count() int {
	b.lock.Lock()
	defer b.lock.Unlock()
	return len(b.lines)
}

// Did selects the lines with one of the deeds.
func Did(deeds ...Deed) func(Line) bool {
	return func(line Line) bool { return slices.Contains(deeds, line.Deed) }
}

// Totals says how often each deed was done, in one line.
func (b *Book) Totals() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	var words []string
	for _, deed := range []Deed{Created, Found, Updated, Deleted, Kept, Duplicate, Refused, Missing, Lost} {
		count := 0
		for _, line := range b.lines {
			if line.Deed == deed {
				count++
			}
		}
		words = append(words, fmt.Sprintf("%s %d", strings.ToLower(string(deed)), count))
	}
	return strings.Join(words, ", ")
}

// Twice lists what was created more than once without having been deleted in between.
func (b *Book) Twice() []string {
	b.lock.Lock()
	defer b.lock.Unlock()
	alive := map[string]bool{}
	var twice []string
	for _, line := range b.lines {
		switch line.Deed {
		case Created, Duplicate:
			if alive[line.Thing] {
				twice = append(twice, line.Thing)
			}
			alive[line.Thing] = true
		case Deleted, Lost:
			alive[line.Thing] = false
		}
	}
	return twice
}
