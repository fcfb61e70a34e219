// Package terminal knows whether a person watches: colours, how far a long piece of work is, and a pager. What is said is not its
// business.
package terminal

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// Is reports whether somebody types or reads there.
func Is(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Colours reports whether to colour what goes to w (no-color.org).
func Colours(w io.Writer) bool {
	return Is(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// Width is how many columns w has; 0 where nobody reads there, or it does not say.
func Width(w any) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// Progress counts on a terminal what is done of some work that takes more than a moment; elsewhere it shows nothing. The
// caller calls done once for each part, from any goroutine, and finish at the end.
func Progress(stderr io.Writer, work string, total int) (done, finish func()) {
	if !Is(stderr) {
		return func() {}, func() {}
	}
	began := time.Now()
	var finished, shown atomic.Int64
	done = func() {
		n := finished.Add(1)
		tenths := int64(time.Since(began) / (100 * time.Millisecond))
		if last := shown.Load(); tenths > last+2 && shown.CompareAndSwap(last, tenths) {
			fmt.Fprintf(stderr, "\r%s %d of %d", work, n, total)
		}
	}
	return done, func() {
		if shown.Load() > 0 {
			fmt.Fprint(stderr, "\r\x1b[K")
		}
	}
}
