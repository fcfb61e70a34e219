package revision

import (
	"bytes"
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// Commit is what history needs of a commit.
type Commit struct {
	ID      ID
	Tree    ID
	Parents []ID
	when    int64 // seconds, by the clock of whoever committed
}

// The most commits that are looked at for a common one, and steps of a name such as HEAD~2.
const (
	maxCommits = 1_000_000
	maxSteps   = 10_000
)

// Commit reads a commit. One at which history was cut off has no parents.
func (r *Repository) Commit(id ID) (Commit, error) {
	data, err := r.read(id, commitKind)
	if err != nil {
		return Commit{}, err
	}
	c := Commit{ID: id}
	head, _, _ := bytes.Cut(data, []byte("\n\n"))
	for line := range bytes.Lines(head) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		switch named, isID := r.parseID(rest); {
		case word == "tree" && isID:
			c.Tree = named
		case word == "parent" && isID:
			c.Parents = append(c.Parents, named)
		case word == "committer":
			if fields := strings.Fields(rest[strings.LastIndex(rest, ">")+1:]); len(fields) > 0 {
				c.when, _ = strconv.ParseInt(fields[0], 10, 64) // of no time, it is the oldest
			}
		}
	}
	if c.Tree == "" {
		return c, broken(id.String(), "a commit without a tree")
	}
	cut, err := r.shallow()
	if cut[id] {
		c.Parents = nil
	}
	return c, err
}

// Resolve finds the commit that a word names, as Git does: a branch, a tag, a name of a remote's, HEAD, an ID or the
// beginning of one, and ~ and ^ behind it.
func (r *Repository) Resolve(word string) (Commit, error) {
	name, steps := word, ""
	if from, to, isRange := strings.Cut(word, ".."); isRange {
		return Commit{}, aRange(word, from, to)
	}
	if at := strings.IndexAny(word, "~^"); at >= 0 {
		name, steps = word[:at], word[at:]
	}
	id, err := r.named(name, word)
	if err != nil {
		return Commit{}, err
	}
	c, err := r.peeled(id, word)
	if err != nil {
		return c, err
	}
	return r.walked(c, steps, word)
}

// Has reports whether there is a revision of this name.
func (r *Repository) Has(word string) bool {
	_, err := r.named(word, word)
	return err == nil
}

// KnowsRemote reports whether the clone has branches of another repository: whether anything was fetched or pushed.
func (r *Repository) KnowsRemote() (bool, error) {
	const folder = "refs/remotes"
	packed, err := r.packedRefs()
	if err != nil {
		return false, err
	}
	for name := range packed {
		if strings.HasPrefix(name, folder+"/") {
			return true, nil
		}
	}
	known := false
	err = fs.WalkDir(r.shared.FS(), folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			known = true
			return fs.SkipAll
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return known, err
}

// named is the object that a name without steps means.
func (r *Repository) named(name, word string) (ID, error) {
	if id, ok := r.parseID(name); ok {
		return id, nil
	}
	if name == "@" {
		name = "HEAD"
	}
	for _, form := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := fmt.Sprintf(form, name)
		if form == "%s" && !strings.HasPrefix(name, "refs/") && strings.ToUpper(name) != name {
			continue // config, index and the like are no names
		}
		if id, found, err := r.reference(full); err != nil || found {
			return id, err
		}
	}
	if id, found, err := r.abbreviated(name, word); err != nil || found {
		return id, err
	}
	if strings.ContainsAny(name, ":@{ ") {
		return "", finding.Wrong(finding.UnknownRevision, "found the revision %s, allowed are branches, tags, origin/BRANCH, HEAD, commits, and ~N or ^N behind them", finding.Quote(word))
	}
	return "", unknown("there is no revision "+finding.Quote(word)+" in this repository", r.fetching(name))
}

// aRange is the finding of two revisions where one is wanted.
func aRange(word, from, to string) error {
	base, head := shellWord(cmp.Or(from, "HEAD")), shellWord(cmp.Or(strings.TrimPrefix(to, "."), "HEAD"))
	if strings.HasPrefix(to, ".") {
		base = `"$(git merge-base ` + base + " " + head + `)"`
	}
	return finding.Findings{{Code: finding.UnknownRevision, Message: "found the revision " + finding.Quote(word) + ", which is a range: allowed is one commit",
		Remedy: "spokewright diff --base " + base + " --head " + head + " compares its ends"}}
}

// fetching is the command that brings what a name may mean, under the name: without one behind the colon, git would bring it
// and not say what it is. It is empty where there is no remote.
func (r *Repository) fetching(name string) string {
	if known, err := r.KnowsRemote(); err == nil && !known { // nobody can bring it
		return ""
	}
	digits := strings.Trim(name, "0123456789abcdef") == ""
	branch, ofRemote := strings.CutPrefix(strings.TrimPrefix(name, "refs/remotes/"), "origin/")
	switch plain := shellWord(branch); {
	case digits && r.Shallow():
		return "git fetch --unshallow origin"
	case digits, plain != branch:
		return "git fetch origin"
	case ofRemote:
		return "git fetch origin " + branch + ":refs/remotes/origin/" + branch
	default:
		return "git fetch origin " + branch + ":" + branch
	}
}

// unknown is the finding of a revision that the clone does not hold. fetch is the command that may bring it; empty where
// none can.
func unknown(what, fetch string) error {
	f := finding.Finding{Code: finding.UnknownRevision, Message: what}
	if fetch != "" {
		f.Remedy = fetch + " brings it, where the remote has it"
	}
	return finding.Findings{f}
}

// cutOff is the finding of a commit that is not there since history was cut off, or never was.
func (r *Repository) cutOff(what string, depth int) error {
	if !r.Shallow() {
		return unknown(what, "")
	}
	return unknown(what, fmt.Sprintf("git fetch --deepen=%d origin", depth))
}

// shellWord is a word that a shell takes as it is, and nothing where it would not.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-", r))
	}
	if strings.HasPrefix(word, "-") || strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return "REVISION"
	}
	return word
}

// abbreviated finds the one object whose ID begins with some hexadecimal digits.
func (r *Repository) abbreviated(name, word string) (ID, bool, error) {
	const fewest = 4
	if len(name) < fewest || len(name) >= 2*r.hash || strings.Trim(name, "0123456789abcdef") != "" {
		return "", false, nil
	}
	found := map[ID]bool{}
	for _, s := range r.stores {
		entries, err := fs.ReadDir(s.root.FS(), name[:2])
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", false, err
		}
		for _, entry := range entries {
			if id, ok := r.parseID(name[:2] + entry.Name()); ok && strings.HasPrefix(entry.Name(), name[2:]) {
				found[id] = true
			}
		}
		packs, err := s.packs()
		if err != nil {
			return "", false, err
		}
		for _, p := range packs {
			if err := p.beginning(name, found); err != nil {
				return "", false, err
			}
		}
	}
	var commits []ID
	for id := range found {
		if o, err := r.any(id); err == nil && (o.kind == commitKind || o.kind == tagKind) {
			commits = append(commits, id)
		}
	}
	if len(commits) > 1 {
		return "", false, finding.Wrong(finding.UnknownRevision, "found the revision %s, which begins the names of %d commits: write more of it", finding.Quote(word), len(commits))
	}
	return append(commits, "")[0], len(commits) == 1, nil
}

// beginning adds the first few objects whose names begin with some hexadecimal digits.
func (p *pack) beginning(digits string, to map[ID]bool) error {
	const few = 1000
	whole := ID("")
	for i := 0; i+1 < len(digits); i += 2 {
		b, _ := strconv.ParseUint(digits[i:i+2], 16, 8) // abbreviated has looked at the digits
		whole += ID([]byte{byte(b)})
	}
	at, found, err := p.search(string(whole))
	for n := 0; found && n < few && at < p.count; n++ {
		name, err := p.nameAt(at)
		if err != nil || !strings.HasPrefix(name, string(whole)) {
			return err
		}
		if strings.HasPrefix(ID(name).String(), digits) {
			to[ID(name)] = true
		}
		at++
	}
	return err
}

// peeled is the commit of an object: of a tag, what it stands at.
func (r *Repository) peeled(id ID, word string) (Commit, error) {
	for range maxAlternates {
		o, err := r.any(id)
		if errors.Is(err, ErrMissing) {
			return Commit{}, unknown("this clone does not hold the commit "+finding.Quote(word), "git fetch origin "+shellWord(id.String()))
		}
		if err != nil {
			return Commit{}, err
		}
		if o.kind != tagKind {
			break
		}
		line, _, _ := bytes.Cut(o.data, []byte("\n"))
		target, ok := r.parseID(strings.TrimPrefix(string(line), "object "))
		if !ok {
			return Commit{}, broken(id.String(), "a tag at nothing")
		}
		id = target
	}
	return r.Commit(id)
}

// walked follows ~N and ^N from a commit.
func (r *Repository) walked(c Commit, steps, word string) (Commit, error) {
	for total := 0; steps != ""; {
		sign := steps[0]
		steps = steps[1:]
		if sign == '^' && (strings.HasPrefix(steps, "{commit}") || strings.HasPrefix(steps, "{}") || strings.HasPrefix(steps, "0")) {
			steps = steps[max(strings.IndexByte(steps, '}'), 0)+1:]
			continue
		}
		digits := len(steps) - len(strings.TrimLeft(steps, "0123456789"))
		n := 1
		if digits > 0 {
			n, _ = strconv.Atoi(steps[:digits]) // too large a number is refused as one
		}
		next := strings.TrimLeft(steps, "0123456789")
		if steps = next; next != "" && next[0] != '~' && next[0] != '^' || sign != '~' && sign != '^' {
			return c, finding.Wrong(finding.UnknownRevision, "found the revision %s, allowed are ~N and ^N behind a name", finding.Quote(word))
		}
		times, parent := n, 0
		if sign == '^' {
			times, parent = 1, n-1
		}
		if total += times; total > maxSteps {
			return c, finding.Wrong(finding.UnknownRevision, "found the revision %s, allowed are %d steps", finding.Quote(word), maxSteps)
		}
		for range times {
			if parent < 0 || parent >= len(c.Parents) {
				return c, r.cutOff("history does not go back to "+finding.Quote(word), total)
			}
			var err error
			if c, err = r.Commit(c.Parents[parent]); errors.Is(err, ErrMissing) {
				return c, r.cutOff("this clone does not hold the commit "+finding.Quote(word), total)
			} else if err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// side says from where a commit can be reached.
type side byte

const (
	ofFirst  side = 1
	ofSecond side = 2
	ofBoth   side = ofFirst | ofSecond
	behind   side = 4 // an ancestor of a common one
)

// MergeBase is the commit at which two histories part, the latest where there are several; found is false where they
// have none in what the clone holds.
func (r *Repository) MergeBase(a, b Commit) (base Commit, found bool, err error) {
	sides := map[ID]side{a.ID: ofFirst}
	sides[b.ID] |= ofSecond
	queue := &latest{a}
	if a.ID != b.ID {
		heap.Push(queue, b)
	}
	var common []Commit
	for looked := 0; slices.ContainsFunc(*queue, func(c Commit) bool { return sides[c.ID]&behind == 0 }); looked++ {
		if looked > maxCommits {
			return base, false, finding.Wrong(finding.UnknownRevision, "the two histories do not meet within %d commits: name --base", maxCommits)
		}
		c := heap.Pop(queue).(Commit)
		at := sides[c.ID]
		if at&ofBoth == ofBoth && at&behind == 0 {
			common = append(common, c)
			at |= behind // so are all before it
		}
		for _, id := range c.Parents {
			if sides[id]&at == at {
				continue
			}
			sides[id] |= at
			parent, err := r.Commit(id)
			if errors.Is(err, ErrMissing) {
				continue
			}
			if err != nil {
				return base, false, err
			}
			heap.Push(queue, parent)
		}
	}
	// What was found may be behind another by clocks that go wrong.
	for _, c := range common {
		if sides[c.ID]&behind == 0 {
			return c, true, nil
		}
	}
	return base, false, nil
}

// latest is a heap of commits, the latest on top.
type latest []Commit

func (l latest) Len() int           { return len(l) }
func (l latest) Less(i, j int) bool { return l[i].when > l[j].when }
func (l latest) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *latest) Push(c any)        { *l = append(*l, c.(Commit)) }

func (l *latest) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}
