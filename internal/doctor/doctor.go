// Package doctor finds what is wrong with an installation, and says what helps: the programs of a machine and, where there
// is one, a fleet's files and Git settings. It changes nothing and asks no network; specs are for package check.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Symptom is one thing that is wrong with an installation, and what helps.
type Symptom struct {
	Check   string `json:"check"` // what was looked at, such as "kustomize"
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
	// Warning is what does no harm yet.
	Warning bool `json:"warning,omitempty"`
	// Cause is what symptoms of several files have in common; empty where there can be but one.
	Cause string `json:"-"`
}

// The symptoms of one cause from which on they are one: two say more than a count.
const foldFrom = 3

// Fold puts the symptoms of one cause together: the first of them says how many more there are.
func Fold(symptoms []Symptom) []Symptom {
	count := map[string]int{}
	for _, s := range symptoms {
		count[s.Cause]++
	}
	told := map[string]bool{}
	var folded []Symptom
	for _, s := range symptoms {
		if n := count[s.Cause]; s.Cause != "" && n >= foldFrom {
			if told[s.Cause] {
				continue
			}
			told[s.Cause] = true
			s.Message += fmt.Sprintf(" (and %d more)", n-1)
		}
		folded = append(folded, s)
	}
	return folded
}

// Installation is what the doctor looks at.
type Installation struct {
	Version string // of this program
	Binary  string // this program's file
	Getenv  func(string) string
	// Find finds a program on PATH, and Ask gives what one prints to stdout.
	Find  func(program string) (string, error)
	Ask   func(program string, args ...string) (string, error)
	Fleet *Fleet // nil outside of a fleet
}

// Fleet is a fleet on disk: its root folder, and the tree below it.
type Fleet struct {
	Root string
	Tree fs.FS
}

// Here is the installation of the running program, without a fleet.
func Here(version string) (*Installation, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return &Installation{Version: version, Binary: binary, Getenv: os.Getenv, Find: findProgram, Ask: askProgram}, nil
}

// Diagnose looks at everything. An error says that the look itself failed.
func (i *Installation) Diagnose() ([]Symptom, error) {
	looks := []func(*Installation) ([]Symptom, error){lookAtBinary, lookAtKustomize, lookAtKubectl, lookAtPlugins}
	if i.Fleet != nil {
		looks = append(looks, lookAtVersion, lookAtGolden, lookAtGit, lookAtEditor)
	}
	symptoms := []Symptom{} // empty, not null, in JSON
	for _, look := range looks {
		found, err := look(i)
		if err != nil {
			return nil, err
		}
		symptoms = append(symptoms, found...)
	}
	return symptoms, nil
}

// How long a program may take to say its version.
const patience = 10 * time.Second

// findProgram finds a program on PATH. One in the working folder, which PATH may name, counts too.
func findProgram(name string) (string, error) {
	found, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) {
		err = nil
	}
	return found, err
}

func askProgram(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	output, err := exec.CommandContext(ctx, program, args...).Output()
	return strings.TrimSpace(string(output)), err
}
