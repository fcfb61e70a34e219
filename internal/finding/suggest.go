package finding

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The longest word that is looked for: nobody mistypes longer ones, and the distance costs the square.
const longestWord = 128

// Suggest is the word that someone probably meant: the closest by edit distance, whatever the case of letters, and of
// several the first by the alphabet; empty where none is close. A third of the letters may be wrong.
func Suggest(word string, candidates []string) string {
	best, distance := "", -1
	for _, candidate := range candidates {
		d, near := nearness(word, candidate)
		if near && candidate != word && (distance < 0 || d < distance || d == distance && candidate < best) {
			best, distance = candidate, d
		}
	}
	return best
}

// DidYouMean is the end of a message about a misspelt word, for errors that are no findings.
func DidYouMean(word string, candidates []string) string {
	if near := Suggest(word, candidates); near != "" {
		return fmt.Sprintf("; did you mean %s?", Quote(near))
	}
	return ""
}

// nearness is the distance of two words, and whether one may be meant by the other.
func nearness(a, b string) (int, bool) {
	if len(a) > longestWord || len(b) > longestWord {
		return 0, false
	}
	bound := max(utf8.RuneCountInString(a), utf8.RuneCountInString(b)) / 3
	d := distance([]rune(strings.ToLower(a)), []rune(strings.ToLower(b)))
	return d, d <= bound
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour to make one word of the
// other (Damerau and Levenshtein, each letter touched once).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
