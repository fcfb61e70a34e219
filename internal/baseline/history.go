package baseline

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/textdiff"
)

// history is every text of the bases that was ever released: in an archive, by digest, with the lock of each release.
type history struct {
	texts    map[string]*zip.File // by digest
	releases map[string]lock      // by version
}

const (
	textsFolder    = "texts/"
	releasesFolder = "releases/"
)

// openHistory reads what was released when, but no text yet. Nothing at all is a history without releases.
func openHistory(archive []byte) (*history, error) {
	h := &history{map[string]*zip.File{}, map[string]lock{}}
	if len(archive) == 0 {
		return h, nil
	}
	all, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("the history of the bases: %w", err)
	}
	for _, file := range all.File {
		if digest, ok := strings.CutPrefix(file.Name, textsFolder); ok {
			h.texts[digest] = file
			continue
		}
		text, err := content(file)
		if err != nil {
			return nil, err
		}
		if h.releases[path.Base(file.Name)], err = parseLock(text); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func content(file *zip.File) (string, error) {
	opened, err := file.Open()
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(opened)
	return string(text), errors.Join(err, opened.Close())
}

// text is what was released under a digest.
func (h *history) text(digest string) (text string, known bool, err error) {
	file, known := h.texts[digest]
	if known {
		text, err = content(file)
	}
	return text, known, err
}

// closest is the text that a file once had and that differs least from what it has now.
func (h *history) closest(name, now string) (text string, known bool, err error) {
	tried, least := map[string]bool{}, 0
	for _, version := range slices.Sorted(maps.Keys(h.releases)) {
		digest := h.releases[version][name]
		if tried[digest] || digest == "" {
			continue
		}
		tried[digest] = true
		candidate, has, err := h.text(digest)
		if err != nil {
			return "", false, err
		}
		if far := distance(candidate, now); has && (!known || far < least) {
			text, known, least = candidate, true, far
		}
	}
	return text, known, nil
}

// distance counts the lines that two texts do not have in common.
func distance(a, b string) (lines int) {
	for _, part := range textdiff.Compare(a, b) {
		if part.Mark != ' ' {
			lines += len(part.Lines)
		}
	}
	return lines
}

// Release adds the bases of a version to the history. The same history and files give the same bytes.
func Release(archive []byte, version string, files fs.FS) ([]byte, error) {
	h, err := openHistory(archive)
	if err != nil {
		return nil, err
	}
	entries, released := map[string]string{}, lock{}
	for digest, file := range h.texts {
		if entries[textsFolder+digest], err = content(file); err != nil {
			return nil, err
		}
	}
	fresh, err := read(files)
	if err != nil {
		return nil, err
	}
	for name, text := range fresh {
		released[name] = digest(text)
		entries[textsFolder+digest(text)] = text
	}
	h.releases[version] = released
	for version, l := range h.releases {
		entries[releasesFolder+version] = l.String()
	}
	return pack(entries)
}

func pack(entries map[string]string) ([]byte, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = io.WriteString(entry, entries[name])
		}
		if err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return archive.Bytes(), err
}
