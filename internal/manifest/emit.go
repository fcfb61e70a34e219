package manifest

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
)

// step is how many columns one level of YAML stands to the right of the level around it.
const step = 2

// Append writes object behind dst as one YAML document without "---" and gives the longer slice.
//
// The bytes are the ones kustomize v0.21.2 prints for the same data (resource.Resource.AsYAML: sigs.k8s.io/yaml
// over go.yaml.in/yaml/v2). Data that kustomize refuses (a control character such as U+007F in a string, a key of
// more than 1024 bytes) is written as YAML that reads back as the same data. Append panics on what is not JSON data
// as Object describes it: another Go type, or a number that is not finite.
func Append(dst []byte, object Object) []byte {
	e := emitter{out: dst, line: len(dst)}
	e.document(object)
	return e.out
}

// Printer writes objects as Append does, and remembers how long texts are written that stand in many of them. Its methods may be
// called concurrently.
type Printer struct {
	long  sync.Map // []byte, by spot
	known atomic.Int64
}

// spot is a text at a place of a line.
type spot struct {
	text           string
	indent, column int
}

// A text of this length, in bytes, is worth remembering, and of so many at most.
const (
	longText  = 160
	mostTexts = 4096
)

// Append writes object behind dst, as the function Append does.
func (p *Printer) Append(dst []byte, object Object) []byte {
	e := emitter{out: dst, line: len(dst), printer: p}
	e.document(object)
	return e.out
}

// Stream writes objects as the documents of one YAML stream: "---" stands between two documents and nowhere else,
// as in kustomize's ResMap.AsYaml. It panics where Append does.
func Stream(objects []Object) []byte {
	const usual = 1024 // bytes of one object
	e := emitter{out: make([]byte, 0, usual*len(objects))}
	for i, object := range objects {
		if i > 0 {
			e.out = append(e.out, "---\n"...)
			e.line = len(e.out)
		}
		e.document(object)
	}
	return e.out
}

// emitter holds what has been written and what is being written.
type emitter struct {
	out     []byte
	line    int     // where in out the current line starts
	entries []entry // of the mappings being written, the innermost last
	printer *Printer
}

func (e *emitter) document(object Object) {
	if len(object) > 0 {
		e.mapping(object, 0)
		return
	}
	e.out = append(e.out, empty(object == nil, "{}")...)
	e.newline()
}

// mapping writes a mapping whose keys stand at column indent, where out already is.
func (e *emitter) mapping(m map[string]any, indent int) {
	first := len(e.entries)
	e.entries = appendSorted(e.entries, m)
	for i := first; i < first+len(m); i++ {
		if i > first {
			e.pad(indent)
		}
		marked := e.key(e.entries[i].key, indent)
		e.value(e.entries[i].value, indent, marked)
	}
	e.entries = e.entries[:first]
}

// sequence writes a sequence whose dashes stand at column indent, where out already is.
func (e *emitter) sequence(items []any, indent int) {
	for i, item := range items {
		if i > 0 {
			e.pad(indent)
		}
		e.out = append(e.out, '-')
		e.value(item, indent, true)
	}
}

// key writes a key and its colon. A key that is too long or has more than one line gets a "?" before it and its colon
// on a line of its own; then marked is true.
func (e *emitter) key(s string, indent int) (marked bool) {
	const longest = 128 // bytes; yaml_emitter_check_simple_key
	t := study(s)
	if t&broken == 0 && len(s) <= longest {
		e.scalar(s, t, indent+step, false)
		e.out = append(e.out, ':')
		return false
	}
	e.out = append(e.out, "? "...)
	e.scalar(s, t, indent+step, true)
	e.finish()
	e.pad(indent)
	e.out = append(e.out, ':')
	return true
}

// value writes what belongs to a key or dash at column indent, to the end of its last line. A collection starts on
// the line of a mark (a dash, or a colon on a line of its own), but on a new line behind "key:".
func (e *emitter) value(v any, indent int, marked bool) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 {
			e.open(indent+step, marked)
			e.mapping(v, indent+step)
			return
		}
		e.word(empty(v == nil, "{}"))
	case []any:
		if len(v) > 0 {
			if marked {
				indent += step
			}
			e.open(indent, marked)
			e.sequence(v, indent)
			return
		}
		e.word(empty(v == nil, "[]"))
	case string:
		e.out = append(e.out, ' ')
		e.text(v, indent+step)
	case bool:
		e.word(strconv.FormatBool(v))
	case nil:
		e.word("null")
	default:
		e.out = appendNumber(append(e.out, ' '), v)
		e.newline()
	}
}

// empty gives what stands for a collection without members: JSON knows a nil one as null.
func empty(isNil bool, brackets string) string {
	if isNil {
		return "null"
	}
	return brackets
}

// open brings out to column indent, where a collection starts.
func (e *emitter) open(indent int, marked bool) {
	if marked {
		e.out = append(e.out, ' ')
		return
	}
	e.newline()
	e.pad(indent)
}

func (e *emitter) word(s string) {
	e.out = append(e.out, ' ')
	e.out = append(e.out, s...)
	e.newline()
}

func (e *emitter) newline() {
	e.out = append(e.out, '\n')
	e.line = len(e.out)
}

// finish ends the line, unless it has just been ended.
func (e *emitter) finish() {
	if e.line < len(e.out) {
		e.newline()
	}
}

func (e *emitter) pad(n int) {
	const spaces = "                                " // 32
	for ; n > len(spaces); n -= len(spaces) {
		e.out = append(e.out, spaces...)
	}
	e.out = append(e.out, spaces[:n]...)
}

func appendNumber(dst []byte, v any) []byte {
	switch v := v.(type) {
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64: // beyond int64, as YAML and kustomize keep it
		return strconv.AppendUint(dst, v, 10)
	case float64:
		return appendFloat(dst, v)
	}
	panic(fmt.Sprintf("manifest: %T is not JSON data", v))
}

// appendFloat writes a number as it looks after a way through JSON: whole numbers of at most 64 bits have become
// integers there, with the shortest digits that tell the float from its neighbours.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		panic(fmt.Sprintf("manifest: the number %v is not JSON data", f))
	case f == 0:
		return append(dst, '0') // -0 too
	case f == math.Trunc(f) && f > math.MinInt64 && f < math.MaxUint64:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}
