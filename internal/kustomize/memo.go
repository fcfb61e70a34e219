package kustomize

import (
	"crypto/sha256"
	"sync"
)

// memo remembers what was made of a content. Each value is made once, however many ask for it at a time.
type memo[V any] struct {
	made sync.Map // [sha256.Size]byte to func() V
}

func (m *memo[V]) get(content []byte, make func() V) V {
	key := sha256.Sum256(content)
	known, ok := m.made.Load(key)
	if !ok {
		known, _ = m.made.LoadOrStore(key, sync.OnceValue(make))
	}
	return known.(func() V)()
}
