// Package remember keeps what was found of a tree until something changes that it follows from: every file that was read for it,
// and what its caller names. What is found, and what else it follows from, is for its caller to know.
package remember

import (
	"encoding/json"
	"io/fs"
	"strings"

	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/tracefs"
)

// Store is where something is kept, and how.
type Store struct {
	Cache *rendercache.Store
	// Content says that nothing is believed of a file but what is read of it: times lie where a tree was just unpacked.
	Content bool
}

// Found is what find gives for a tree: kept from an earlier time where that still holds, and else found anew. root is where the tree
// lies on this disk; key is of all that it follows from beside files. An error is never kept. T is plain data.
func Found[T any](s Store, key rendercache.Key, tree fs.FS, root string, find func(tree fs.FS) (T, error)) (T, error) {
	value, trace, known := kept[T](s.Cache, key)
	if known {
		holds, better := trace.Holds(tree, root, s.Content)
		if holds && better {
			keep(s.Cache, key, value, trace)
		}
		if holds {
			return value, nil
		}
	}
	traced := tracefs.New(tree)
	value, err := find(traced)
	if trace := traced.Trace(root); err == nil && trace != nil {
		keep(s.Cache, key, value, trace)
	}
	return value, err
}

func kept[T any](cache *rendercache.Store, key rendercache.Key) (value T, trace tracefs.Trace, known bool) {
	head, body, _ := strings.Cut(string(cache.Body(key)), "\x00")
	return value, trace, head != "" && json.Unmarshal([]byte(head), &value) == nil && trace.UnmarshalBinary([]byte(body)) == nil
}

func keep[T any](cache *rendercache.Store, key rendercache.Key, value T, trace tracefs.Trace) {
	head, err := json.Marshal(value)
	body, failed := trace.MarshalBinary()
	if err == nil && failed == nil {
		cache.Put(key, nil, append(append(head, 0), body...))
	}
}
