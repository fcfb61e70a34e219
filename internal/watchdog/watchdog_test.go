package watchdog

import (
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWatchdogGivesUp watches work that would go on for ever.
func TestWatchdogGivesUp(t *testing.T) {
	var over atomic.Bool // ends the work when the test is over: the watchdog cannot
	t.Cleanup(func() { over.Store(true) })
	idle := func() (int, error) {
		for !over.Load() {
			time.Sleep(time.Millisecond)
		}
		return 0, nil
	}
	busy := func() (n int, err error) {
		for !over.Load() {
			n++
		}
		return n, nil
	}
	greedy := func() (int, error) {
		var kept [][]byte
		for len(kept) < 1000 && !over.Load() {
			kept = append(kept, make([]byte, 1<<20))
			kept[len(kept)-1][0]++
		}
		return idle()
	}
	cases := map[string]struct {
		work   func() (int, error)
		limits func(*Limits)
		want   string
	}{
		"time":      {idle, func(l *Limits) { l.Time = 20 * time.Millisecond }, "given up after 20ms: nothing was printed"},
		"processor": {busy, func(l *Limits) { l.Processor = processorTime() + 50*time.Millisecond }, "of processor time: nothing was printed"},
		"memory":    {greedy, func(l *Limits) { l.Memory = memoryInUse() + 64<<20 }, "MB of memory: nothing was printed"},
		"signal":    {idle, func(*Limits) {}, `ended by the signal "terminated": nothing was printed`},
		"fault":     {Quietly(func() (int, error) { panic("something secret") }), func(*Limits) {}, "a fault of this program; what was read is not shown"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			allowed := Limits{Time: time.Minute, Processor: time.Hour, Memory: 1 << 40}
			c.limits(&allowed)
			if name == "signal" {
				time.AfterFunc(50*time.Millisecond, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGTERM) })
			}
			_, err := Watched(allowed, c.work)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

// TestPrintedIsWhole tells the process to end while it prints to somebody who reads slowly.
func TestPrintedIsWhole(t *testing.T) {
	slow := &reader{pause: 100 * time.Millisecond}
	time.AfterFunc(20*time.Millisecond, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGTERM) })
	require.ErrorContains(t, Printed(slow, []byte("all of it")), "all was printed")
	require.Equal(t, "all of it", slow.text)

	stuck := &reader{pause: 10 * time.Second}
	time.AfterFunc(20*time.Millisecond, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGTERM) })
	began := time.Now()
	require.ErrorContains(t, Printed(stuck, []byte("all of it")), "while printing")
	require.Less(t, time.Since(began), 5*time.Second)
}

// reader takes its time before it takes a text.
type reader struct {
	pause time.Duration
	text  string
}

func (r *reader) Write(text []byte) (int, error) {
	time.Sleep(r.pause)
	r.text = string(text)
	return len(text), nil
}
