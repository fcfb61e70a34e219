package revision

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// pack is a file of many objects with its index.
type pack struct {
	name   string
	hash   int
	file   *os.File
	index  io.ReaderAt
	opened *os.File // the index, where it is not held in memory
	count  int64
	fan    [256]uint32
}

// place is where an object stands in a pack.
type place struct {
	pack   *pack
	offset int64
}

const (
	maxPacks     = 10_000
	maxIndexHeld = 64 << 20
	indexHead    = 8 + 256*4
)

func openPacks(root *os.Root, hash int) ([]*pack, error) {
	entries, err := fs.ReadDir(root.FS(), "pack")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var packs []*pack
	for _, entry := range entries {
		name, isIndex := strings.CutSuffix(entry.Name(), ".idx")
		if !isIndex {
			continue
		}
		if len(packs) >= maxPacks {
			return nil, broken("pack", fmt.Sprintf("more than %d packs: git gc", maxPacks))
		}
		p, err := openPack(root, "pack/"+name, hash)
		if errors.Is(err, fs.ErrNotExist) {
			continue // Git removed it just now
		}
		if err != nil {
			return nil, err
		}
		packs = append(packs, p)
	}
	return packs, nil
}

func openPack(root *os.Root, name string, hash int) (*pack, error) {
	p := &pack{name: name, hash: hash}
	var err error
	if p.file, err = root.Open(name + ".pack"); err != nil {
		return nil, err
	}
	if p.opened, err = root.Open(name + ".idx"); err != nil {
		p.file.Close()
		return nil, err
	}
	if err := p.readIndex(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *pack) close() {
	p.file.Close()
	p.opened.Close()
}

// readIndex reads the head of the index: how many objects begin with which byte.
func (p *pack) readIndex() error {
	info, err := p.opened.Stat()
	if err != nil {
		return err
	}
	p.index = p.opened
	if info.Size() <= maxIndexHeld {
		text, err := io.ReadAll(io.LimitReader(p.opened, maxIndexHeld))
		if err != nil {
			return err
		}
		p.index = bytes.NewReader(text)
	}
	head := make([]byte, indexHead)
	if _, err := p.index.ReadAt(head, 0); err != nil || !bytes.HasPrefix(head, []byte("\xfftOc\x00\x00\x00\x02")) {
		return broken(p.name+".idx", "not an index of version 2: git repack -ad")
	}
	before := uint32(0)
	for i := range p.fan {
		p.fan[i] = binary.BigEndian.Uint32(head[8+4*i:])
		if p.fan[i] < before {
			return broken(p.name+".idx", "its counts go down")
		}
		before = p.fan[i]
	}
	p.count = int64(before)
	if indexHead+p.count*int64(p.hash+8) > info.Size() {
		return broken(p.name+".idx", "it is cut off")
	}
	return nil
}

// offset is where an object begins in the pack.
func (p *pack) offset(id ID) (offset int64, found bool, err error) {
	at, found, err := p.search(string(id))
	if err != nil || !found {
		return 0, false, err
	}
	var small [4]byte
	offsets := indexHead + p.count*int64(p.hash+4)
	if _, err := p.index.ReadAt(small[:], offsets+4*at); err != nil {
		return 0, false, broken(p.name+".idx", err.Error())
	}
	value := binary.BigEndian.Uint32(small[:])
	if value>>31 == 0 {
		return int64(value), true, nil
	}
	var large [8]byte
	if _, err := p.index.ReadAt(large[:], offsets+4*p.count+8*int64(value&^(1<<31))); err != nil {
		return 0, false, broken(p.name+".idx", err.Error())
	}
	return int64(binary.BigEndian.Uint64(large[:]) &^ (1 << 63)), true, nil
}

// search finds the first name in the index that begins with a prefix, which has at least one byte.
func (p *pack) search(prefix string) (at int64, found bool, err error) {
	low, high := int64(0), int64(p.fan[prefix[0]])
	if prefix[0] > 0 {
		low = int64(p.fan[prefix[0]-1])
	}
	for low < high {
		middle := (low + high) / 2
		name, err := p.nameAt(middle)
		if err != nil {
			return 0, false, err
		}
		if name < prefix {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low >= p.count {
		return 0, false, nil
	}
	name, err := p.nameAt(low)
	return low, strings.HasPrefix(name, prefix), err
}

func (p *pack) nameAt(at int64) (string, error) {
	name := make([]byte, p.hash)
	if _, err := p.index.ReadAt(name, indexHead+at*int64(p.hash)); err != nil {
		return "", broken(p.name+".idx", err.Error())
	}
	return string(name), nil
}

// entry is the head of an object in a pack.
type entry struct {
	place
	kind kind
	size int64
	data int64 // where its compressed bytes begin
	base int64 // of an offsetDelta
	name ID    // of the base of a namedDelta
}

// head reads the head of an object.
func (p *pack) head(offset int64) (entry, error) {
	e := entry{place: place{p, offset}}
	var bytes [64]byte
	n, err := p.file.ReadAt(bytes[:], offset)
	if err != nil && !errors.Is(err, io.EOF) || n == 0 {
		return e, broken(p.name+".pack", "it is cut off")
	}
	at := 0
	next := func() byte {
		if at++; at > n {
			return 0
		}
		return bytes[at-1]
	}
	b := next()
	e.kind, e.size = kind(b>>4&7), int64(b&15)
	for shift := 4; b&0x80 != 0 && shift < 60; shift += 7 {
		b = next()
		e.size |= int64(b&0x7f) << shift
	}
	switch e.kind {
	case offsetDelta:
		b := next()
		back := int64(b & 0x7f)
		for i := 0; b&0x80 != 0 && i < 8; i++ {
			b = next()
			back = (back+1)<<7 | int64(b&0x7f)
		}
		if e.base = offset - back; back <= 0 || e.base < 0 {
			return e, broken(p.name+".pack", "an object leads out of it")
		}
	case namedDelta:
		if at+p.hash > n {
			return e, broken(p.name+".pack", "it is cut off")
		}
		e.name = ID(bytes[at : at+p.hash])
		at += p.hash
	case commitKind, treeKind, blobKind, tagKind:
	default:
		return e, broken(p.name+".pack", "an object of no known kind")
	}
	if e.size > maxObject {
		return e, broken(p.name+".pack", fmt.Sprintf("an object of more than the %d MB that are read of one", maxObject>>20))
	}
	e.data = offset + int64(at)
	return e, nil
}

// inflate reads what stands behind the head.
func (e entry) inflate() ([]byte, error) {
	from := bufio.NewReader(io.NewSectionReader(e.pack.file, e.data, 1<<62))
	inflated, err := zlib.NewReader(from)
	if err != nil {
		return nil, broken(e.pack.name+".pack", err.Error())
	}
	data := make([]byte, e.size)
	if _, err := io.ReadFull(inflated, data); err != nil {
		return nil, broken(e.pack.name+".pack", err.Error())
	}
	return data, nil
}

// unpack reads an object that may be written as steps from another one. It goes down to the first that stands for
// itself, then applies the steps: one loop, since a chain made by a stranger could be longer than any stack.
func (r *Repository) unpack(p *pack, offset int64) (object, error) {
	var steps []entry
	at := place{p, offset}
	o, known := r.decoded.get(at)
	for !known {
		e, err := at.pack.head(at.offset)
		if err != nil {
			return object{}, err
		}
		if e.kind <= tagKind {
			data, err := e.inflate()
			if err != nil {
				return object{}, err
			}
			o = object{e.kind, data}
			r.decoded.put(at, o)
			break
		}
		if steps = append(steps, e); len(steps) > maxDepth {
			return object{}, broken(p.name+".pack", fmt.Sprintf("an object is more than %d steps from another one", maxDepth))
		}
		if at, err = r.baseOf(e); err != nil {
			return object{}, err
		}
		o, known = r.decoded.get(at)
	}
	for i := len(steps) - 1; i >= 0; i-- {
		delta, err := steps[i].inflate()
		if err != nil {
			return object{}, err
		}
		if o.data, err = applied(o.data, delta); err != nil {
			return object{}, err
		}
		r.decoded.put(steps[i].place, o)
	}
	return o, nil
}

// baseOf is where the object stands from which a step leads.
func (r *Repository) baseOf(e entry) (place, error) {
	if e.kind == offsetDelta {
		return place{e.pack, e.base}, nil
	}
	offset, found, err := e.pack.offset(e.name)
	if err == nil && !found {
		err = broken(e.pack.name+".pack", "an object is written by one that the pack does not hold")
	}
	return place{e.pack, offset}, err
}

// applied is what a step makes of an object.
func applied(base, delta []byte) ([]byte, error) {
	errStep := broken("pack", "a step from one object to another is not valid")
	from, n := binary.Uvarint(delta)
	if n <= 0 || from != uint64(len(base)) {
		return nil, errStep
	}
	delta = delta[n:]
	size, n := binary.Uvarint(delta)
	if n <= 0 || size > maxObject {
		return nil, errStep
	}
	delta = delta[n:]
	result := make([]byte, 0, size)
	for len(delta) > 0 {
		command := delta[0]
		delta = delta[1:]
		if command&0x80 == 0 { // the next bytes
			if command == 0 || int(command) > len(delta) {
				return nil, errStep
			}
			result, delta = append(result, delta[:command]...), delta[command:]
		} else { // bytes of the base
			var values [7]uint64
			for i := range values {
				if command>>i&1 == 1 {
					if len(delta) == 0 {
						return nil, errStep
					}
					values[i], delta = uint64(delta[0]), delta[1:]
				}
			}
			begin := values[0] | values[1]<<8 | values[2]<<16 | values[3]<<24
			length := values[4] | values[5]<<8 | values[6]<<16
			if length == 0 {
				length = 0x10000
			}
			if begin+length > uint64(len(base)) {
				return nil, errStep
			}
			result = append(result, base[begin:begin+length]...)
		}
		if uint64(len(result)) > size {
			return nil, errStep
		}
	}
	if uint64(len(result)) != size {
		return nil, errStep
	}
	return result, nil
}
