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
	return count(stderr, work, total, time.Now)
}

// count writes no escapes: a terminal may know none, and who reads may want none.
func count(w io.Writer, work string, total int, now func() time.Time) (done, finish func()) {
	began := now()
	var finished, shown atomic.Int64
	line := func(n int64) string { return fmt.Sprintf("%s %d of %d", work, n, total) }
	done = func() {
		n := finished.Add(1)
		tenths := int64(now().Sub(began) / (100 * time.Millisecond))
		if last := shown.Load(); tenths > last+2 && shown.CompareAndSwap(last, tenths) {
			fmt.Fprintf(w, "\r%s", line(n))
		}
	}
	return done, func() {
		if shown.Load() > 0 {
			fmt.Fprintf(w, "\r%*s\r", len(line(int64(total))), "")
		}
	}
}
