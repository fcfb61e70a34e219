// Package parts builds the real programs that Spokewright's output is tested with, from the Go module proxy alone, and
// keeps them in a cache outside the tree. It is not for running them.
package parts

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
)

// Log says how far a build is.
type Log func(format string, args ...any)

// Cache is a folder of built programs, shared by all checkouts: each lies in NAME@VERSION/NAME.
type Cache struct {
	folder string
	log    Log
}

// Open names the cache: $SPOKEWRIGHT_CACHE/parts, else spokewright/parts in the user's cache folder.
func Open(log Log) (*Cache, error) {
	root := os.Getenv("SPOKEWRIGHT_CACHE")
	if root == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		root = filepath.Join(user, "spokewright")
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	return &Cache{folder: filepath.Join(root, "parts"), log: log}, nil
}

// Program gives the path of a program of the Table, by its name or one of its links. It is built first where it is not
// there; two that ask at once build it once.
func (c *Cache) Program(ctx context.Context, name string) (string, error) {
	part, err := Find(name)
	if err != nil {
		return "", err
	}
	home := filepath.Join(c.folder, part.Name+"@"+part.Version)
	program := filepath.Join(home, name)
	if part.isIn(home) {
		return program, nil
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, home+".lock", func() { c.log("another process builds %s: waiting", part.Name) })
	if err != nil {
		return "", fmt.Errorf("waiting for another build of %s: %w", part.Name, err)
	}
	defer unlock()
	if part.isIn(home) {
		return program, nil
	}
	if err := c.build(ctx, part, home); err != nil {
		return "", err
	}
	if !part.isIn(home) {
		return "", fmt.Errorf("%s was built, but it does not hold %s at %s", program, part.Module, part.Version)
	}
	return program, nil
}

// isIn tells whether the folder holds the program, built from the right module at the right version, and its links.
func (p Part) isIn(home string) bool {
	for _, link := range p.Links {
		if _, err := os.Stat(filepath.Join(home, link)); err != nil {
			return false
		}
	}
	info, err := buildinfo.ReadFile(filepath.Join(home, p.Name))
	if err != nil || info.Path != p.Package {
		return false
	}
	module := info.Main
	if module.Replace != nil {
		module = *module.Replace
	}
	return module.Path == p.Module && module.Version == p.Version
}
