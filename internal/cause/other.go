package cause

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
)

// others are words that may stand in the place of a literal, those that a definition names first. Whether they are legal is
// for the reader of specs to say.
func others(l cuefile.Literal, want *constraint.Constraint, words []string) []string {
	switch l.Kind {
	case cuefile.Word:
		switch {
		case l.Name:
			return renamed(l.Text)
		case l.Text == "true":
			return []string{"false"}
		case l.Text == "false":
			return []string{"true"}
		}
		return nil
	case cuefile.Whole:
		n, err := strconv.ParseInt(l.Text, 10, 64)
		if err != nil {
			return nil
		}
		return numbers(n)
	case cuefile.Fraction:
		return []string{l.Text + "1", "1" + l.Text}
	case cuefile.Fragment:
		return []string{l.Text[:1] + "x" + l.Text[1:]}
	}
	var all []string
	if !l.Name {
		for _, word := range near(l.Text, slices.Concat(enumerated(want), words)) {
			all = append(all, strconv.Quote(word))
		}
	}
	return append(all, variants(l.Text)...)
}

func numbers(n int64) []string {
	var all []string
	for _, other := range []int64{n + 1, n - 1, 2 * n, n / 2, 0, 1, 7} {
		if text := strconv.FormatInt(other, 10); other >= 0 && other != n && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

func renamed(name string) []string {
	if strings.HasPrefix(name, "_") || strings.HasPrefix(name, "#") {
		return nil // nothing of the spec is called so
	}
	return []string{name + "x", "x" + name}
}

// enumerated are the texts that a constraint names.
func enumerated(want *constraint.Constraint) []string {
	if want == nil {
		return nil
	}
	var all []string
	for _, value := range want.Enum {
		if text, is := value.(string); is {
			all = append(all, text)
		}
	}
	for _, arm := range want.AnyOf {
		all = append(all, enumerated(arm)...)
	}
	return all
}

// near are the words but one, those that begin as it does first: regions of one cloud look alike.
func near(quoted string, words []string) []string {
	text := strings.Trim(quoted, `"`)
	all := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == text })
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(shared(b, text), shared(a, text)) })
	return all[:min(len(all), enough)]
}

func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

var (
	letters = regexp.MustCompile(`[0-9A-Za-z]`)
	digits  = regexp.MustCompile(`[0-9]+`)
)

// variants are a text in quotes with a number in it that is another, and with a letter more.
func variants(quoted string) []string {
	var all []string
	for _, at := range slices.Backward(digits.FindAllStringIndex(quoted, -1)) {
		n, err := strconv.ParseUint(quoted[at[0]:at[1]], 10, 64)
		if err != nil {
			continue
		}
		for _, other := range []uint64{n + 1, n - 1} {
			if text := padded(other, at[1]-at[0]); n > 0 || other == 1 {
				all = append(all, quoted[:at[0]]+text+quoted[at[1]:])
			}
		}
	}
	at := letters.FindAllStringIndex(quoted, -1)
	if len(at) == 0 {
		return append(all, quoted[:len(quoted)-1]+`x"`)
	}
	first, last := at[0][0], at[len(at)-1][1]
	return append(all, quoted[:last]+"x"+quoted[last:], quoted[:first]+"x"+quoted[first:])
}

// padded is a number with as many digits as another one had.
func padded(n uint64, width int) string {
	text := strconv.FormatUint(n, 10)
	return strings.Repeat("0", max(0, width-len(text))) + text
}
