// Package watchdog ends work that takes too much time or memory, with a message instead of a kill. It limits this process
// and nothing else.
package watchdog

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"time"
)

// Limits are what a piece of work may take before it is given up.
type Limits struct {
	Time      time.Duration
	Processor time.Duration // of all processors together: a busy machine makes work late, not large
	Memory    uint64        // bytes that the process has of the system
}

// How often a watchdog looks: an allocation of any size is seen when it is made, before it is filled.
const watchInterval = 5 * time.Millisecond

// calm is the memory within which work may leave its garbage lying as long as it likes. Beyond it the collector keeps what the process
// has at twice what is in use.
const calm = 128 << 20

// How long what is printed may take after a signal.
const lastWords = 500 * time.Millisecond

// Ended is the error of work that a signal ended.
type Ended struct {
	Signal os.Signal
	so     string // what had become of the output
}

func (e *Ended) Error() string { return fmt.Sprintf("ended by the signal %q%s", e.Signal, e.so) }

// ExitCode is what a shell expects of a program that a signal ended: 130 after an interrupt.
func (e *Ended) ExitCode() int {
	if number, ok := e.Signal.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return 1
}

// Watched runs work that nothing can stop from inside, such as the evaluation of a spec. It comes back when that is done,
// when it takes too much, or when the process is told to end; work that goes on then must end with the process.
func Watched[T any](allowed Limits, work func() (T, error)) (T, error) {
	given := room(0, allowed.Memory)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(given)) // where the collector begins to work hard
	stop, forget := ending()
	defer forget()
	deadline, look := time.NewTimer(allowed.Time), time.NewTicker(watchInterval)
	defer deadline.Stop()
	defer look.Stop()

	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := work()
		done <- result{value, err}
	}()
	var none T
	for {
		select {
		case r := <-done:
			return r.value, r.err
		case s := <-stop:
			return none, &Ended{s, ": nothing was printed"}
		case <-deadline.C:
			return none, fmt.Errorf("given up after %s: nothing was printed", allowed.Time)
		case <-look.C:
			if memoryInUse() > allowed.Memory {
				return none, fmt.Errorf("given up at %d MB of memory: nothing was printed", allowed.Memory>>20)
			}
			if processorTime() > allowed.Processor {
				return none, fmt.Errorf("given up after %s of processor time: nothing was printed", allowed.Processor)
			}
			if need := room(measured("/gc/heap/live:bytes"), allowed.Memory); need != given {
				given = need
				debug.SetMemoryLimit(given)
			}
		}
	}
}

// Quietly is work whose faults are told without what was read: Argo CD shows messages to everybody who may see the
// Application.
func Quietly[T any](work func() (T, error)) func() (T, error) {
	return func() (value T, err error) {
		defer func() {
			if fault := recover(); fault != nil {
				err = errors.New("a fault of this program; what was read is not shown")
			}
		}()
		return work()
	}
}

// ending tells of signals that ask the process to end, until it is forgotten.
func ending() (stop <-chan os.Signal, forget func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return signals, func() { signal.Stop(signals) }
}

// room is what work may have of the system before the collector works hard, in bytes, where so much of it was in use.
func room(live, most uint64) int64 { return int64(min(max(calm, 2*live), most/2)) }

// memoryInUse is what the process has of the system, in bytes, without its program text.
func memoryInUse() uint64 {
	return measured("/memory/classes/total:bytes") - measured("/memory/classes/heap/released:bytes")
}

// measured is what the runtime says under a name: see runtime/metrics.
func measured(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// Printed writes a whole text. A signal meanwhile waits a moment for the rest, since half an output is worse than a late
// end, and is an error all the same: whoever asked the process to end shall not take the output for wanted.
func Printed(stdout io.Writer, text []byte) error {
	stop, forget := ending()
	defer forget()
	done := make(chan error, 1)
	go func() {
		_, err := stdout.Write(text)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case s := <-stop:
		select {
		case err := <-done:
			return cmp.Or(err, error(&Ended{s, ": all was printed"}))
		case <-time.After(lastWords):
			return &Ended{s, " while printing"}
		}
	}
}
