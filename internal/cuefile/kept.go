package cuefile

import (
	"fmt"
	"math"
	"math/big"
	"strconv"

	"cuelang.org/go/cue"

	"spokewright.dev/spokewright/internal/finding"
)

// Unkept says why a text would not arrive as it is written, since YAML's readers change or refuse one of its characters;
// "" where it would.
func Unkept(text string) string {
	for _, r := range text {
		if r >= 0x7F && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == 0xFFFE || r == 0xFFFF {
			return fmt.Sprintf("found %s with the character U+%04X, which YAML does not keep: write plain text", finding.Quote(text), r)
		}
	}
	return ""
}

// The longest name that YAML's readers take as one, as YAML writes it.
const maxName = 1000

// UnkeptName says why the name of a field would not arrive as it is written, or "".
func UnkeptName(name string) string {
	switch size := len(strconv.Quote(name)) - len(`""`); {
	case name == "":
		return `found an empty name, allowed is any other: kustomize does not take it`
	case name == "<<":
		return `found the name "<<", allowed is any other: to YAML it means what another map holds`
	case size > maxName:
		return fmt.Sprintf("found a name of %d characters, allowed are %d: YAML takes none that is longer", size, maxName)
	}
	return Unkept(name)
}

// number is a number as it arrives: an int64, a uint64 where that does not hold it, or a float64. Otherwise it says why
// there is none.
func number(value cue.Value) (n any, refused string) {
	const tooLarge = ", a number that does not fit 64 bits"
	if value.Kind() == cue.IntKind {
		whole, err := value.Int(nil)
		switch {
		case err == nil && whole.IsInt64():
			return whole.Int64(), ""
		case err == nil && whole.IsUint64():
			return whole.Uint64(), ""
		}
		return nil, tooLarge
	}
	f, err := value.Float64()
	if err != nil || !HoldsFloat(f) {
		return nil, tooLarge
	}
	text, err := value.MarshalJSON()
	if err != nil {
		return nil, tooLarge
	}
	held := strconv.FormatFloat(f, 'g', -1, 64)
	written, ok1 := new(big.Rat).SetString(string(text))
	kept, ok2 := new(big.Rat).SetString(held)
	if !ok1 || !ok2 || written.Cmp(kept) != 0 {
		return nil, ", of which a number of 64 bits keeps " + held + ": write that, or a text in quotes"
	}
	return f, ""
}

// HoldsFloat says whether a float64 may be the number that was written: a whole one that is larger than 64 bits has lost
// its digits where it was read.
func HoldsFloat(f float64) bool { return f != math.Trunc(f) || math.Abs(f) < 1<<64 }
