package cuefile

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

// A text of literals means to the short way what it means to CUE: of every spec in the tree, good or bad, and of what comes of
// it where words are taken out, put in or changed.
func TestPlainlyIsWhatCUESays(t *testing.T) {
	corpus := specs(t)
	require.Greater(t, len(corpus), 200)
	short, long := 0, 0
	same := func(t *testing.T, text string) {
		for _, marked := range []bool{false, true} {
			places := Places{Marked: func([]string) bool { return marked }}
			if len(checkText("x.cue", []byte(text))) > 0 {
				continue
			}
			root, known := plainly(source{"x.cue", []byte(text)}, places)
			if !known {
				long++
				continue
			}
			short++
			evaluated, problems := evaluatedly(source{"x.cue", []byte(text)}, places, nil)
			require.Empty(t, problems, text)
			require.Equal(t, evaluated, root, text)
		}
	}
	for _, text := range corpus {
		same(t, text)
	}
	require.Greater(t, short, len(corpus)/3, "most specs are nothing but literals")
	random := rand.New(rand.NewPCG(16, 6))
	words := []string{"{", "}", "[", "]", ",", "\n", ":", `"`, `"a"`, "a", "_a", "#a", "1", "-1", "0x1F", "007", "1_000", "1.5", "9223372036854775808", "null", "true", "*", "&", "|", "?", "!", "\\(a)", "{{", "...",
		"'b'", `"""` + "\n\ttext\n\t" + `"""`, `#"raw"#`, "let b = 1", "if true {}", "@a(b)", "import \"list\"", "package x", "//c\n", "é", "a.b", "<<", "\"\": 1", "string", "a: a"}
	for range 20_000 {
		text := corpus[random.IntN(len(corpus))]
		for range 1 + random.IntN(3) {
			at, to := random.IntN(len(text)+1), 0
			to = min(len(text), at+random.IntN(4))
			text = text[:at] + []string{"", words[random.IntN(len(words))]}[random.IntN(2)] + text[to:]
		}
		same(t, text)
	}
	t.Logf("%d texts by the short way, %d by the long one", short, long)
}

// specs are the texts of all specs in the tree, those in scripts among them.
func specs(t *testing.T) []string {
	var all []string
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		switch filepath.Ext(name) {
		case ".cue":
			all = append(all, string(text))
		case ".txtar":
			for _, file := range txtar.Parse(text).Files {
				if strings.HasSuffix(file.Name, ".cue") {
					all = append(all, string(file.Data))
				}
			}
		}
		return nil
	}))
	all = slices.DeleteFunc(all, func(text string) bool { return len(text) > 20_000 })
	return slices.Compact(slices.Sorted(slices.Values(all)))
}
