package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Crew is a group of programs that run together. One that ends by itself or is killed is started again, as a kubelet
// would; all end together, the latest first.
type Crew struct {
	folder string

	lock    sync.Mutex
	members []*member
	ending  bool
}

type member struct {
	name    string
	command func() *exec.Cmd
	running *Process
	starts  int
	gone    chan struct{} // closed when nobody starts it again
}

// again is how long a crew waits before it starts a program again.
const again = time.Second

// NewCrew has its programs write into the folder, NAME.log each. The owner's end is theirs.
func NewCrew(t Owner, folder string) (*Crew, error) {
	c := &Crew{folder: folder}
	t.Cleanup(c.End)
	return c, os.MkdirAll(folder, 0o700)
}

// Start is a Starter: a program that runs once.
func (c *Crew) Start(name string, cmd *exec.Cmd) (*Process, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.ending {
		return nil, fmt.Errorf("%s: all is ending", name)
	}
	p, err := launch(name, c.Log(name), cmd)
	if err != nil {
		return nil, err
	}
	gone := make(chan struct{})
	close(gone)
	c.members = append(c.members, &member{name: name, running: p, starts: 1, gone: gone})
	return p, nil
}

// Keep runs a program and starts it again whenever it ends, by a command that is made anew.
func (c *Crew) Keep(name string, command func() *exec.Cmd) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.ending || c.find(name) != nil {
		return fmt.Errorf("%s runs already, or all is ending", name)
	}
	p, err := launch(name, c.Log(name), command())
	if err != nil {
		return err
	}
	m := &member{name: name, command: command, running: p, starts: 1, gone: make(chan struct{})}
	c.members = append(c.members, m)
	go c.watch(m)
	return nil
}

// watch starts a program again each time it ends.
func (c *Crew) watch(m *member) {
	defer close(m.gone)
	for {
		<-m.running.ended
		time.Sleep(again)
		c.lock.Lock()
		if c.ending {
			c.lock.Unlock()
			return
		}
		p, err := launch(m.name, c.Log(m.name), m.command())
		if err == nil {
			m.running = p
			m.starts++
		}
		c.lock.Unlock()
	}
}

func (c *Crew) find(name string) *member {
	for _, m := range c.members {
		if m.name == name {
			return m
		}
	}
	return nil
}

// Log is the file that a program writes to.
func (c *Crew) Log(name string) string { return filepath.Join(c.folder, name+".log") }

// Kill kills a program as `kill -9` does. It starts again where it is kept.
func (c *Crew) Kill(name string) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	m := c.find(name)
	if m == nil {
		return fmt.Errorf("no program is called %s", name)
	}
	return m.running.cmd.Process.Signal(syscall.SIGKILL)
}

// Pause stops a program where it is, with all that it knows. It does not end.
func (c *Crew) Pause(name string) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	m := c.find(name)
	if m == nil {
		return fmt.Errorf("no program is called %s", name)
	}
	return m.running.cmd.Process.Signal(syscall.SIGSTOP)
}

// Lose kills all programs at once, and none is started again.
func (c *Crew) Lose() {
	c.lock.Lock()
	c.ending = true
	members := slices.Clone(c.members)
	for _, m := range members {
		_ = m.running.cmd.Process.Signal(syscall.SIGKILL) // it may have ended already
	}
	c.lock.Unlock()
	for _, m := range members {
		<-m.running.ended
		<-m.gone
	}
}

// Member is a program of a crew: how often it was started, and its resident memory in bytes, 0 where nobody knows.
type Member struct {
	Name   string
	Starts int
	Memory int64
}

// Members lists the programs in the order in which they were first started.
func (c *Crew) Members() []Member {
	c.lock.Lock()
	defer c.lock.Unlock()
	var all []Member
	for _, m := range c.members {
		all = append(all, Member{m.name, m.starts, resident(m.running.cmd.Process.Pid)})
	}
	return all
}

// End ends all programs, the latest first. It may be called again.
func (c *Crew) End() {
	c.lock.Lock()
	c.ending = true
	members := slices.Clone(c.members)
	c.lock.Unlock()
	for _, m := range slices.Backward(members) {
		m.running.stop()
		<-m.gone
	}
}
