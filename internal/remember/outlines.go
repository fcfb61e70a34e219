package remember

import (
	"bytes"
	"encoding/gob"
	"io/fs"

	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/tracefs"
	"spokewright.dev/spokewright/schema"
)

// outlines are what is kept of a fleet's environments, with a trace of the files that they are of.
type outlines struct {
	Outlines schema.Outlines
	Trace    []byte
}

// Outlines are what is known of the environments of the fleet at root, by a program. keep keeps what came to be known since, unless
// that is so little that to read it again costs less than to write all.
func Outlines(s Store, program string, tree fs.FS, root string) (known *render.Known, keep func()) {
	traced, is := tree.(*tracefs.Tree)
	if !is {
		traced = tracefs.New(tree)
	}
	key := rendercache.KeyOf(program, "outlines", root)
	before := outlinesIn(s.Cache.Body(key))
	var trace tracefs.Trace
	if !s.Content && trace.UnmarshalBinary(before.Trace) == nil {
		traced.Believe(trace, root)
	}
	known = &render.Known{Known: schema.Known{Salt: program, Outlines: before.Outlines, Digest: traced.Digest}}
	return known, func() {
		if known.New+traced.Unbelieved() <= len(known.Outlines)/100 {
			return
		}
		body, err := traced.Trace(root).Below(schema.Folder).MarshalBinary()
		var text bytes.Buffer
		if err == nil && gob.NewEncoder(&text).Encode(outlines{known.Outlines, body}) == nil {
			s.Cache.Put(key, nil, text.Bytes())
		}
	}
}

func outlinesIn(text []byte) outlines {
	var o outlines
	if gob.NewDecoder(bytes.NewReader(text)).Decode(&o) != nil || o.Outlines == nil {
		return outlines{Outlines: schema.Outlines{}}
	}
	return o
}
