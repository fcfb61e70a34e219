package finding

import (
	"fmt"
	"strconv"
	"strings"
)

// Path leads from an object to a value in it, in the one notation of the house: spec.containers[0].image,
// metadata.labels["example.com/team"], and apps.web.images[] for any element. Names that are not made of ASCII letters,
// digits, _, -, $ and # stand in brackets and quotes, so that 0 is an element and "0" a name. The empty path is the
// whole object.
type Path string

// Step is one step of a path: a name, or an element of a list.
type Step struct {
	Name  string
	Index int // of an element; Any is each of them
	List  bool
}

// Any is the index that stands for each element.
const Any = -1

// Keys is the path along names.
func Keys(names ...string) Path { return Path("").Keys(names...) }

// Keys goes on along names.
func (p Path) Keys(names ...string) Path {
	var text strings.Builder
	text.WriteString(string(p))
	for _, name := range names {
		switch {
		case !isPlain(name):
			text.WriteString("[" + strconv.QuoteToASCII(name) + "]")
		case text.Len() == 0:
			text.WriteString(name)
		default:
			text.WriteString("." + name)
		}
	}
	return Path(text.String())
}

// Tokens is the path along names of which whole numbers behind the first are elements, and [] is each element: for
// trees whose paths are plain texts.
func Tokens(tokens ...string) Path {
	var path Path
	for i, token := range tokens {
		index, isIndex := elementIndex(token)
		switch {
		case token == "[]":
			path = path.Index(Any)
		case i > 0 && isIndex && index != Any:
			path = path.Index(index)
		default:
			path = path.Keys(token)
		}
	}
	return path
}

// Tokens are the names along the path, and the numbers of elements as texts.
func (p Path) Tokens() []string {
	var tokens []string
	for _, step := range p.Steps() {
		if step.List {
			step.Name = strconv.Itoa(step.Index)
		}
		tokens = append(tokens, step.Name)
	}
	return tokens
}

// Index goes on to an element of a list; Any is each of them.
func (p Path) Index(i int) Path {
	if i == Any {
		return p + "[]"
	}
	return p + Path("["+strconv.Itoa(i)+"]")
}

// Join goes on along another path.
func (p Path) Join(rest Path) Path {
	if p == "" || rest == "" || rest[0] == '[' {
		return p + rest
	}
	return p + "." + rest
}

func isPlain(name string) bool {
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '$', c == '#':
		default:
			return false
		}
	}
	return name != ""
}

// FromSteps is the path along steps.
func FromSteps(steps ...Step) Path {
	var path Path
	for _, step := range steps {
		if step.List {
			path = path.Index(step.Index)
		} else {
			path = path.Keys(step.Name)
		}
	}
	return path
}

// ParsePath reads a path as FromSteps writes it, and refuses every other text.
func ParsePath(text string) (Path, error) {
	steps, ok := split(text)
	if !ok || FromSteps(steps...) != Path(text) {
		return "", fmt.Errorf("%s is not a path such as spec.containers[0].image", Quote(text))
	}
	return Path(text), nil
}

// Steps are the steps of a path; those up to the first mistake where it was not made here.
func (p Path) Steps() []Step {
	steps, _ := split(string(p))
	return steps
}

func split(text string) (steps []Step, ok bool) {
	for rest := text; rest != ""; {
		var step Step
		if rest[0] == '[' {
			step, rest, ok = bracket(rest[1:])
		} else {
			if len(steps) > 0 {
				rest, ok = strings.CutPrefix(rest, ".")
				if !ok {
					return steps, false
				}
			}
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			step.Name, rest = rest[:end], rest[end:]
			ok = isPlain(step.Name)
		}
		if !ok {
			return steps, false
		}
		steps = append(steps, step)
	}
	return steps, true
}

// bracket reads what follows a bracket: 0], "name"] or ].
func bracket(text string) (step Step, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(text, "]"); ok {
		return Step{Index: Any, List: true}, rest, true
	}
	if quoted, err := strconv.QuotedPrefix(text); err == nil {
		name, err := strconv.Unquote(quoted)
		rest, ok = strings.CutPrefix(text[len(quoted):], "]")
		return Step{Name: name}, rest, ok && err == nil
	}
	digits, rest, ok := strings.Cut(text, "]")
	index, err := strconv.Atoi(digits)
	return Step{Index: index, List: true}, rest, ok && err == nil && index >= 0
}

// Brief is the path for people: very long names are cut.
func (p Path) Brief() string {
	if len(p) <= brief {
		return string(p)
	}
	var text strings.Builder
	for i, step := range p.Steps() {
		switch {
		case step.List:
			text.WriteString(string(Path("").Index(step.Index)))
		case !isPlain(step.Name):
			text.WriteString("[" + Quote(step.Name) + "]")
		default:
			if i > 0 {
				text.WriteByte('.')
			}
			text.WriteString(Shorten(step.Name, brief))
		}
	}
	return text.String()
}

// Pointer is the path as a JSON pointer (RFC 6901). Any element is "-".
func (p Path) Pointer() string {
	var text strings.Builder
	for _, step := range p.Steps() {
		switch {
		case !step.List:
			text.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(step.Name))
		case step.Index == Any:
			text.WriteString("/-")
		default:
			text.WriteString("/" + strconv.Itoa(step.Index))
		}
	}
	return text.String()
}

// FromPointer reads a JSON pointer into a value: a number leads into a list of the value, and is a name elsewhere.
// Where the value ends before the pointer does, numbers count as elements.
func FromPointer(pointer string, value any) Path {
	var path Path
	if pointer == "" {
		return path
	}
	known := true
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		fields, isMap := value.(map[string]any)
		list, isList := value.([]any)
		known = known && (isMap || isList)
		index, isIndex := elementIndex(token)
		switch {
		case !isIndex || known && isMap:
			path, value = path.Keys(token), fields[token]
		default:
			path, value = path.Index(index), nil
			if 0 <= index && index < len(list) {
				value = list[index]
			}
		}
	}
	return path
}

// elementIndex reads a token of a JSON pointer that leads to an element: a number without leading zeros, or - for the
// one after the last.
func elementIndex(token string) (int, bool) {
	if token == "-" {
		return Any, true
	}
	index, err := strconv.Atoi(token)
	return index, err == nil && index >= 0 && strconv.Itoa(index) == token
}
