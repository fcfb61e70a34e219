package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/tracefs"
)

// judgement is a check that the command line asks for.
type judgement struct {
	*options

	tree   *tree
	args   []string
	now    time.Time
	named  bool // the day, so that what comes with it is told
	stderr io.Writer
}

// verdict is what a check comes to.
type verdict struct {
	Fleet        string
	Environments string // how many were checked, in words
	Files        int
	Found        finding.Findings
}

// verdict is the one that is known, as long as every file that it follows from is as it was, and else is found anew. It follows
// from the program, the day, what the command line names, the references of the repository, and files.
func (j judgement) verdict(cached bool) (verdict, error) {
	j.tree.forgetful = !cached
	key, is := j.key()
	if !cached || !is {
		return j.anew()
	}
	store := renders()
	defer store.Close()
	plain := j.tree.tree
	v, trace, known := kept(store, key)
	if known {
		holds, better := trace.Holds(plain, j.tree.root, os.Getenv("CI") != "") // times are not to be believed where a tree was just unpacked
		if holds && better {
			keep(store, key, v, trace)
		}
		if holds {
			return v, nil
		}
	}
	traced := tracefs.New(plain)
	j.tree.tree = traced
	v, err := j.anew()
	j.tree.tree = plain
	if trace := traced.Trace(j.tree.root); err == nil && trace != nil {
		keep(store, key, v, trace)
	}
	return v, err
}

// key is of all that a verdict follows from beside files; there is none where that cannot be told.
func (j judgement) key() (key rendercache.Key, is bool) {
	program := program()
	targets, err := chosen(j.tree, j.args)
	if program == "" || err != nil || j.bases != nil {
		return key, false
	}
	parts := []string{program, "check", j.tree.root, j.now.UTC().Format(time.DateOnly)}
	for _, target := range targets {
		parts = append(parts, target.Environment+"/"+string(target.Plane))
	}
	state := "none"
	if repository, err := revision.Open(j.tree.root); err == nil {
		defer repository.Close()
		place, err := revision.Place(j.tree.root)
		if state = repository.State(); state == "" || err != nil {
			return key, false
		}
		state += place
	}
	named := "today"
	if j.named {
		named = "a day"
	}
	return rendercache.KeyOf(append(parts, state, named)...), true
}

// kept is a verdict as it was kept.
func kept(store *rendercache.Store, key rendercache.Key) (v verdict, trace tracefs.Trace, known bool) {
	head, body, _ := strings.Cut(string(store.Body(key)), "\x00")
	return v, trace, head != "" && json.Unmarshal([]byte(head), &v) == nil && trace.UnmarshalBinary([]byte(body)) == nil //nolint:musttag // this program alone reads what it wrote
}

func keep(store *rendercache.Store, key rendercache.Key, v verdict, trace tracefs.Trace) {
	head, err := json.Marshal(v) //nolint:musttag // as above
	body, failed := trace.MarshalBinary()
	if err == nil && failed == nil {
		store.Put(key, nil, append(append(head, 0), body...))
	}
}

// anew checks.
func (j judgement) anew() (v verdict, err error) {
	fleet, rendered, found, err := checked(j.tree, j.args, j.now, j.stderr)
	if err == nil && len(j.args) == 0 {
		var bases finding.Findings
		bases, err = j.basesFound(j.tree)
		found = append(found, bases...)
	}
	if err != nil {
		return v, err
	}
	if j.named {
		found = append(found, supports(fleet, rendered, j.now)...)
	}
	return verdict{fleet.Config.Name, environments(targetsOf(rendered)), len(rendered), found}, nil
}
