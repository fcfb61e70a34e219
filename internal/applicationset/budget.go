package applicationset

import (
	"bytes"
	"fmt"
	"reflect"
	texttemplate "text/template"
	"text/template/parse"

	"spokewright.dev/spokewright/internal/finding"
)

// What one set may cost. A pull request may come from anybody, and a line of a template can ask for as much work as its
// author likes; so work is counted, and not timed: the same set is refused everywhere or nowhere.
const (
	maxWork     = 50_000_000 // about a second
	maxTemplate = 128 << 10  // bytes of one template
	maxOutput   = 1 << 20    // bytes that one template gives
	maxValue    = 256 << 10  // bytes of texts in one value that a function takes or gives
	maxNodes    = 50_000     // values in one value
	maxDepth    = 100        // values within each other
	maxLoops    = 20         // loops within each other in a template
)

// budget is the work that is left.
type budget struct{ left int }

func newBudget() *budget { return &budget{left: maxWork} }

// tooMuch is the finding of a set that costs more than it may.
func tooMuch(format string, args ...any) error {
	return finding.Findings{{
		Severity: finding.Warning, Code: finding.SetUnknown,
		Message: fmt.Sprintf("is not expanded, since it would be too much work: "+format, args...),
	}}
}

func (b *budget) spend(work int) error {
	if b.left -= work; work < 0 || b.left < 0 {
		b.left = -1
		return tooMuch("its templates, or pairs of its generators, are too many")
	}
	return nil
}

// measure is how much a value holds.
type measure struct {
	nodes, bytes int
	tooDeep      bool
}

// add counts a value, until it is too much.
func (m *measure) add(v reflect.Value, depth int) {
	m.nodes++
	m.tooDeep = m.tooDeep || depth > maxDepth
	if m.tooMuch() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		m.bytes += v.Len()
	case reflect.Interface:
		m.nodes--
		m.add(v.Elem(), depth)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			m.bytes += v.Len()
			return
		}
		for i := 0; i < v.Len() && !m.tooMuch(); i++ {
			m.add(v.Index(i), depth+1)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next() && !m.tooMuch(); {
			m.add(entry.Key(), depth+1)
			m.add(entry.Value(), depth+1)
		}
	}
}

func (m *measure) tooMuch() bool { return m.tooDeep || m.nodes > maxNodes || m.bytes > maxValue }

// weigh refuses a value that holds too much, and counts the look at it.
func (b *budget) weigh(values ...reflect.Value) error {
	var m measure
	for _, v := range values {
		m.add(v, 0)
	}
	if m.tooMuch() {
		return tooMuch("a value in a template holds too much")
	}
	return b.spend(5 + m.nodes + m.bytes/16)
}

// watch is a function that refuses arguments and results that are too much.
func (b *budget) watch(name string, function any) any {
	f := reflect.ValueOf(function)
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
		err := b.weigh(args...)
		if err == nil && growth(name, args) > maxOutput {
			err = tooMuch("%s makes a value that holds too much", name)
		}
		if err == nil {
			err = b.spend(int(min(labour(name, args), maxWork)))
		}
		var results []reflect.Value
		if err == nil {
			if f.Type().IsVariadic() {
				results = f.CallSlice(args)
			} else {
				results = f.Call(args)
			}
			err = b.weigh(results[0])
		}
		if err != nil {
			panic(err) // text/template makes an error of it, the call's
		}
		return results
	}).Interface()
}

// writer takes what a template gives.
type writer struct {
	budget *budget
	text   bytes.Buffer
}

// Write implements io.Writer.
func (w *writer) Write(text []byte) (int, error) {
	if w.text.Len()+len(text) > maxOutput {
		return 0, tooMuch("a template gives more than %d bytes", maxOutput)
	}
	if err := w.budget.spend(len(text)); err != nil {
		return 0, err
	}
	return w.text.Write(text)
}

// The functions that a metered template calls by itself. No template can name them before it is read.
const (
	stepName  = "countStep"
	valueName = "weighValue"
)

// meter makes a template count what it does: each turn of a loop and each call of a template by its length, and each value
// that it prints.
func (b *budget) meter(t *texttemplate.Template) error {
	t.Funcs(texttemplate.FuncMap{
		stepName:  func(length int) (string, error) { return "", b.spend(100 + length) },
		valueName: func(v reflect.Value) (reflect.Value, error) { return v, b.weigh(v) },
	})
	for _, each := range t.Templates() {
		if each.Tree == nil || each.Root == nil {
			continue
		}
		if err := meter(each.Root, 0); err != nil {
			return err
		}
		step(each.Root)
	}
	return nil
}

func meter(list *parse.ListNode, loops int) error {
	if list == nil {
		return nil
	}
	if loops > maxLoops {
		return tooMuch("more than %d loops within each other", maxLoops)
	}
	for _, node := range list.Nodes {
		var err error
		switch node := node.(type) {
		case *parse.ActionNode:
			if len(node.Pipe.Decl) == 0 { // else it prints nothing
				node.Pipe.Cmds = append(node.Pipe.Cmds, call(node.Pos, valueName))
			}
		case *parse.IfNode:
			err = both(&node.BranchNode, loops)
		case *parse.WithNode:
			err = both(&node.BranchNode, loops)
		case *parse.RangeNode:
			if err = both(&node.BranchNode, loops+1); err == nil {
				step(node.List)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func both(branch *parse.BranchNode, loops int) error {
	if err := meter(branch.List, loops); err != nil {
		return err
	}
	return meter(branch.ElseList, loops)
}

// step puts before a list the call that counts it.
func step(list *parse.ListNode) {
	length := len(list.String())
	number := &parse.NumberNode{NodeType: parse.NodeNumber, Pos: list.Pos, IsInt: true, Int64: int64(length), Text: fmt.Sprint(length)}
	counted := call(list.Pos, stepName)
	counted.Args = append(counted.Args, number)
	action := &parse.ActionNode{
		NodeType: parse.NodeAction, Pos: list.Pos,
		Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Pos: list.Pos, Cmds: []*parse.CommandNode{counted}},
	}
	list.Nodes = append([]parse.Node{action}, list.Nodes...)
}

func call(at parse.Pos, function string) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: at, Args: []parse.Node{parse.NewIdentifier(function).SetPos(at)}}
}
