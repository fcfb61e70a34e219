// Package bases is what hubs and spokes have beside what their environments ask for, as text: the program brings it to
// fleets. This repository's own fleet uses the same files. There is nothing here but the files.
package bases

import "embed"

// Files are all bases, by their paths from here.
//
//go:embed all:hub all:plane all:spoke
var Files embed.FS
