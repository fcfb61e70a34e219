package applicationset

import (
	"slices"
	"strings"
)

// holds says whether an address and a revision mean the repository of the world, as it stands there.
func (w World) holds(address, revision string) error {
	switch {
	case w.Tree == nil || w.Repository == "" || !sameRepository(address, w.Repository):
		return unknown("what it generates cannot be told from here: it stands in another repository, %s", address)
	case revision != "" && revision != "HEAD" && !slices.Contains(w.Revisions, strings.TrimPrefix(revision, "refs/heads/")):
		return unknown("what it generates cannot be told from here: it stands in another revision of this repository, %s", revision)
	}
	return nil
}

// sameRepository compares addresses of one repository: by ssh or https, with a user, a port and .git or without.
func sameRepository(a, b string) bool { return home(a) == home(b) }

// home is the host and the path of an address.
func home(address string) string {
	address = strings.TrimSpace(address)
	scheme, rest, hasScheme := strings.Cut(address, "://")
	if !hasScheme {
		scheme, rest = "", address
	}
	host, path, found := strings.Cut(rest, "/")
	if before, after, isSSH := strings.Cut(rest, ":"); !hasScheme && isSSH && !strings.Contains(before, "/") { // user@host:path
		host, path, found = before, after, true
	}
	if !found || scheme == "file" {
		host, path = "", rest
	}
	if _, behind, hasUser := strings.Cut(host, "@"); hasUser {
		host = behind
	}
	host, _, _ = strings.Cut(host, ":")
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	return strings.ToLower(host + "/" + path)
}
