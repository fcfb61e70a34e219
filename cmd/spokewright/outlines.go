package main

import (
	"encoding/json"

	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/schema"
)

// outlines are what is known of the fleet's environments, of which keep keeps what is new.
func outlines(f *tree) (known *render.Known, keep func()) {
	program := program()
	known = &render.Known{Salt: program, Outlines: schema.Outlines{}}
	if program == "" || f.forgetful {
		return known, func() {}
	}
	store, key := renders(), rendercache.KeyOf(program, "outlines", f.root)
	if json.Unmarshal(store.Body(key), &known.Outlines) != nil || known.Outlines == nil { //nolint:musttag // this program alone reads what it wrote
		known.Outlines = schema.Outlines{}
	}
	return known, func() {
		if text, err := json.Marshal(known.Outlines); err == nil && known.New { //nolint:musttag // as above
			store.Put(key, nil, text)
		}
		store.Close()
	}
}

// some renders some targets, and reads of all other environments what nobody has read of them before. Of these the fleet has outlines.
func some(f *tree, reader *schema.Reader, targets []render.Target, done func()) (*schema.Fleet, []render.Rendered, error) {
	known, keep := outlines(f)
	defer keep()
	rendered := make([]render.Rendered, len(targets))
	fleet, err := render.Stream(f.tree, reader, targets, known, func([]render.Target) error { return nil }, func(_ schema.Environment, place int, r *render.Rendered) (bool, error) {
		defer done()
		rendered[place] = *r
		return true, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return fleet, rendered, nil
}
