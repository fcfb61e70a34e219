package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
)

// readable is an error of the file system as a sentence: "statat golden/dev/hub.yaml: not a directory" names a system call
// that nobody made. Something of the wrong kind in the fleet, such as a file where a folder belongs, is wrong input. Other
// errors stay as they are.
func readable(err error) error {
	if err == nil || finding.IsInput(err) {
		return err
	}
	name, text, reason := fileError(err)
	if reason == nil {
		return err
	}
	known, ok := fileReasonOf(reason)
	switch {
	case !ok:
		return err
	case known.wrong:
		return finding.At(finding.Position{File: name}, finding.Unreadable, "%s", known.sentence)
	}
	return &plainError{strings.Replace(err.Error(), text, name+": "+known.sentence, 1), err}
}

// asInput makes an error that is about what the user named a finding, if it is none yet.
func asInput(err error) error {
	if finding.IsInput(err) {
		return err
	}
	name, _, reason := fileError(err)
	if known, ok := fileReasonOf(reason); ok {
		return finding.At(finding.Position{File: filepath.ToSlash(name)}, finding.Unreadable, "%s", known.sentence)
	}
	return finding.Wrong(finding.CommandLine, "%v", err)
}

func fileReasonOf(reason error) (fileReason, bool) {
	all := fileReasons()
	if i := slices.IndexFunc(all, func(known fileReason) bool { return errors.Is(reason, known.reason) }); i >= 0 {
		return all[i], true
	}
	return fileReason{}, false
}

// fileError is the file, the whole text and the reason of an error of the file system; the reason is nil where it is none.
func fileError(err error) (name, text string, reason error) {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Path, path.Error(), path.Err
	}
	if link := (*os.LinkError)(nil); errors.As(err, &link) {
		return link.New, link.Error(), link.Err
	}
	return "", "", nil
}

// fileReason is why a file cannot be read or written; wrong says that this is for the user to mend.
type fileReason struct {
	reason   error
	sentence string
	wrong    bool
}

func fileReasons() []fileReason {
	return []fileReason{
		{syscall.ENOTDIR, "a part of this path is a file, and must be a folder", true},
		{syscall.EISDIR, "this is a folder, and must be a file", true},
		{limitfs.ErrNotFile, "this must be a file, and is none", true},
		{syscall.ENOTEMPTY, "this is a folder, and must be a file", true},
		{syscall.EEXIST, "something else stands here already: move it away first", true},
		{syscall.ELOOP, "these symbolic links lead in a circle", true},
		{fs.ErrNotExist, "there is no such file or folder", false},
		{fs.ErrPermission, "permission denied: this user may not read or write it", false},
		{syscall.ENOSPC, "no space left on device", false},
		{syscall.EROFS, "this file system can only be read", false},
	}
}

// plainError is an error in other words.
type plainError struct {
	text  string
	cause error
}

func (e *plainError) Error() string { return e.text }

func (e *plainError) Unwrap() error { return e.cause }
