package mutability

import (
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Condition is on the values of a change. The zero condition always holds.
type Condition struct {
	Says string // for people, as it follows "where"
	of   func(field string, before, after map[string]any) bool
}

func (c Condition) holds(field string, before, after map[string]any) bool {
	return c.of == nil || c.of(field, before, after)
}

// numbers is a condition on two numbers; it does not hold where one of them is not there.
func numbers(says string, holds func(old, new float64) bool) Condition {
	return Condition{says, func(field string, before, after map[string]any) bool {
		was, hasOld := manifest.Number(get(before, field))
		is, hasNew := manifest.Number(get(after, field))
		return hasOld && hasNew && holds(was, is)
	}}
}

// both holds where all conditions do.
func both(conditions ...Condition) Condition {
	var says []string
	for _, c := range conditions {
		says = append(says, c.Says)
	}
	return Condition{strings.Join(says, " and "), func(field string, before, after map[string]any) bool {
		return !slices.ContainsFunc(conditions, func(c Condition) bool { return !c.holds(field, before, after) })
	}}
}

func shrinks() Condition {
	return numbers("it shrinks", func(old, new float64) bool { return new < old })
}

// growsLittle: less than a tenth, of what Amazon calls at least 10 %.
func growsLittle() Condition {
	return numbers("it grows by less than a tenth", func(old, new float64) bool { return new > old && new*10 < old*11 })
}

// crosses400: the size in gigabytes from which on RDS stripes a gp3 disk of these engines, with other bounds for its speed.
func crosses400() Condition {
	return numbers("it grows from below 400 GB to 400 GB or more", func(old, new float64) bool { return old < 400 && new >= 400 })
}

// startsOrEnds: from none to some, or back.
func startsOrEnds() Condition {
	return numbers("it changes from or to 0", func(old, new float64) bool { return (old == 0) != (new == 0) })
}

func toZero() Condition {
	return numbers("it becomes 0", func(old, new float64) bool { return new == 0 && old != 0 })
}

// is holds where another field of the claim has a value after the change.
func is(other string, value any) Condition {
	says := other + " is " + strconv.Quote(shown(value))
	if _, isText := value.(string); !isText {
		says = other + " is " + shown(value)
	}
	return Condition{says, func(_ string, _, after map[string]any) bool { return manifest.Equal(get(after, other), value) }}
}

func shown(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case int:
		return strconv.Itoa(value)
	}
	return ""
}

// becomes holds where the field itself has a value after the change.
func becomes(value bool) Condition {
	return Condition{"it becomes " + strconv.FormatBool(value), func(field string, _, after map[string]any) bool {
		return manifest.Equal(get(after, field), value)
	}}
}

func adopted() Condition {
	return Condition{"it was adopted", func(_ string, _, after map[string]any) bool { return isAdopted(after) }}
}

// versions is a condition on two versions, as lists of numbers.
func versions(says string, holds func(engine string, old, new []int) bool) Condition {
	return Condition{says, func(field string, before, after map[string]any) bool {
		was, is := version(text(before, field)), version(text(after, field))
		return was != nil && is != nil && holds(text(after, "engine"), was, is)
	}}
}

// version are the numbers of a version such as "1.34"; nil where it is none.
func version(s string) []int {
	var numbers []int
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

func goesDown() Condition {
	return versions("it goes down", func(_ string, old, new []int) bool { return slices.Compare(sameLength(old, new)) > 0 })
}

// sameLength are two versions with as many numbers as the shorter one has: "17" is any 17.
func sameLength(a, b []int) (x, y []int) {
	n := min(len(a), len(b))
	return a[:n], b[:n]
}

// skipsMinor: Kubernetes counts minor versions behind the point.
func skipsMinor() Condition {
	return versions("it goes up by more than one minor version", func(_ string, old, new []int) bool {
		return len(old) > 1 && len(new) > 1 && (new[0] > old[0] || new[0] == old[0] && new[1] > old[1]+1)
	})
}

// majorUp: the engines' major versions are one number of PostgreSQL, two of MySQL.
func majorUp() Condition {
	return versions("its major version goes up", func(engine string, old, new []int) bool {
		return slices.Compare(major(engine, new), major(engine, old)) > 0
	})
}

func major(engine string, v []int) []int {
	if engine == "mysql" {
		return v[:min(2, len(v))]
	}
	return v[:1]
}

// anotherDisk: Azure has disks of powers of two for PostgreSQL, and takes the next larger one.
func anotherDisk() Condition {
	return numbers("it needs a larger disk of Azure's, which has 32, 64, 128 GB and so on", func(old, new float64) bool {
		return disk(new) > disk(old)
	})
}

// disk is the size of Azure's disk for so many gigabytes.
func disk(gigabytes float64) float64 {
	size := 32.0
	for size < gigabytes && size < 32768 {
		size *= 2
	}
	return size
}

// anotherModule: the last part of the module's address is another one, so that it is not the same module from elsewhere.
func anotherModule() Condition {
	return Condition{"another module is named, not the same one from elsewhere", func(field string, before, after map[string]any) bool {
		return moduleName(text(before, field)) != moduleName(text(after, field))
	}}
}

// moduleName is what a module is called: its folder, its repository, or the first two words of one of a registry.
func moduleName(source string) string {
	source, _, _ = strings.Cut(strings.TrimPrefix(source, "git::"), "?ref=")
	source, folder, inFolder := cutFolder(source)
	if inFolder {
		return folder[strings.LastIndex(folder, "/")+1:]
	}
	if strings.Contains(source, "://") || strings.HasPrefix(source, "./") {
		return strings.TrimSuffix(source[strings.LastIndex(source, "/")+1:], ".git")
	}
	parts := strings.Split(source, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/") // NAME/PROVIDER
}

// cutFolder parts a module's address from the folder behind "//", which is no scheme's.
func cutFolder(source string) (address, folder string, found bool) {
	start := 0
	if i := strings.Index(source, "://"); i >= 0 {
		start = i + len("://")
	}
	address, folder, found = strings.Cut(source[start:], "//")
	return source[:start] + address, folder, found
}
