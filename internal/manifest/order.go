package manifest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type entry struct {
	key   string
	value any
}

// appendSorted puts the entries of m behind dst, in the natural order of their keys. Natural order has cycles (2 < 10 < 1a < 2), among which
// kustomize chooses by chance; as we start from byte order, the same map always gives the same bytes.
func appendSorted(dst []entry, m map[string]any) []entry {
	first := len(dst)
	for key, value := range m {
		if !utf8.ValidString(key) {
			key = valid(key)
		}
		dst = append(dst, entry{key, value})
	}
	added := dst[first:]
	slices.SortFunc(added, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	if !inNaturalOrder(added) {
		slices.SortStableFunc(added, natural)
	}
	return dst
}

func inNaturalOrder(entries []entry) bool {
	for i := 1; i < len(entries); i++ {
		if less(entries[i].key, entries[i-1].key) {
			return false
		}
	}
	return true
}

// natural compares keys as go.yaml.in/yaml/v2 does (sorter.go): the first difference decides; what is not a letter comes
// before letters; numbers count by their value.
func natural(a, b entry) int {
	switch {
	case less(a.key, b.key):
		return -1
	case less(b.key, a.key):
		return 1
	}
	return 0
}

func less(a, b string) bool {
	at := difference(a, b)
	if at == len(a) || at == len(b) {
		return len(a) < len(b)
	}
	ra, _ := utf8.DecodeRuneInString(a[at:])
	rb, _ := utf8.DecodeRuneInString(b[at:])
	letterA, letterB := unicode.IsLetter(ra), unicode.IsLetter(rb)
	switch {
	case letterA && letterB:
		return ra < rb
	case letterA || letterB:
		return letterB
	}
	var start int64
	if (ra == '0' || rb == '0') && endsInNumber(a[:at]) {
		start = 1 // so that the 0 counts as a digit in the middle of a number, not as a zero before one
	}
	numberA, digitsA := number(a[at:], start)
	numberB, digitsB := number(b[at:], start)
	switch {
	case numberA != numberB:
		return numberA < numberB
	case digitsA != digitsB:
		return digitsA < digitsB
	}
	return ra < rb
}

// difference gives the index of the first character in which a and b differ, or the length of the shorter one.
func difference(a, b string) int {
	shorter := min(len(a), len(b))
	i := 0
	for i < shorter && a[i] == b[i] {
		i++
	}
	if i == shorter {
		return i
	}
	for i > 0 && (!utf8.RuneStart(a[i]) || !utf8.RuneStart(b[i])) {
		i--
	}
	return i
}

// endsInNumber says whether s ends in digits that are not all 0.
func endsInNumber(s string) bool {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		if !unicode.IsDigit(r) {
			return false
		}
		if r != '0' {
			return true
		}
		s = s[:len(s)-n]
	}
	return false
}

// number reads the digits that s starts with behind those of start. Digits of other scripts and very long numbers give
// the odd values that they give in yaml/v2.
func number(s string, start int64) (value int64, digits int) {
	value = start
	for _, r := range s {
		if !unicode.IsDigit(r) {
			break
		}
		value = value*10 + int64(r-'0')
		digits++
	}
	return value, digits
}
