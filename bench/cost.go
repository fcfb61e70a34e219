package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// cost is what a piece of work took.
type cost struct {
	wall, cpu float64 // seconds; cpu of all its processes, user and system
	memory    int64   // bytes: the most that one of its processes had in memory at a time
}

func (c cost) times(factor float64) cost { return cost{c.wall * factor, c.cpu * factor, c.memory} }

func (c cost) plus(other cost) cost {
	return cost{c.wall + other.wall, c.cpu + other.cpu, max(c.memory, other.memory)}
}

// process runs a command to its end. path is what goes before the rest of PATH. On Linux a process counts as large as
// the one that started it, so this one must stay small: what needs much memory is a process of its own.
func process(dir, path string, stdout *os.File, name string, args ...string) (cost, error) {
	return ended(exec.CommandContext(context.Background(), name, args...), dir, path, stdout)
}

// piped runs a command that reads a file.
func piped(dir, file, name string, args ...string) (cost, error) {
	in, err := os.Open(file)
	if err != nil {
		return cost{}, err
	}
	defer in.Close()
	command := exec.CommandContext(context.Background(), name, args...)
	command.Stdin = in
	return ended(command, dir, "", nil)
}

func ended(command *exec.Cmd, dir, path string, stdout *os.File) (cost, error) {
	command.Dir = dir
	command.Env = append(os.Environ(), "PATH="+path+string(filepath.ListSeparator)+os.Getenv("PATH"))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if stdout != nil {
		command.Stdout = stdout
	}
	began := time.Now()
	err := command.Run()
	c := cost{wall: time.Since(began).Seconds()}
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", filepath.Base(command.Path), strings.Join(command.Args[1:], " "), err, stderr.String())
	}
	if command.ProcessState == nil {
		return c, err
	}
	c.cpu = (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds()
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = usage.Maxrss
		if runtime.GOOS == "linux" {
			c.memory *= 1024 // kilobytes there
		}
	}
	return c, err
}

// own is what this process has used so far.
func own() (cost, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return cost{cpu: seconds(usage.Utime) + seconds(usage.Stime)}, err
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

// inside is what work in this process takes.
func inside(work func() error) (cost, error) {
	before, err := own()
	if err != nil {
		return cost{}, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return cost{}, err
	}
	wall := time.Since(began).Seconds()
	after, err := own()
	return cost{wall: wall, cpu: after.cpu - before.cpu}, err
}

// interleaved runs works in turn, back and forth, so that what disturbs the machine disturbs all; it gives the median
// of each.
func interleaved(repetitions int, works ...func() (cost, error)) ([]cost, error) {
	all := make([][]cost, len(works))
	for repetition := range repetitions {
		for i := range works {
			if repetition%2 == 1 {
				i = len(works) - 1 - i
			}
			c, err := works[i]()
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], c)
		}
	}
	medians := make([]cost, len(works))
	for i, costs := range all {
		medians[i] = middle(costs)
	}
	return medians, nil
}

// middle is the median of each time, and the most memory.
func middle(costs []cost) cost {
	m := cost{wall: median(costs, func(c cost) float64 { return c.wall }), cpu: median(costs, func(c cost) float64 { return c.cpu })}
	for _, c := range costs {
		m.memory = max(m.memory, c.memory)
	}
	return m
}

func median(costs []cost, of func(cost) float64) float64 {
	values := make([]float64, len(costs))
	for i, c := range costs {
		values[i] = of(c)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2
	}
	return values[middle]
}

// point is what a size of input cost.
type point struct{ size, cost float64 }

// exponent is the k of the curve cost = c * size^k that comes nearest to the points.
func exponent(points []point) float64 {
	var n, x, y, xx, xy float64
	for _, p := range points {
		a, b := math.Log(p.size), math.Log(p.cost)
		n, x, y, xx, xy = n+1, x+a, y+b, xx+a*a, xy+a*b
	}
	return (n*xy - x*y) / (n*xx - x*x)
}
