// Package property checks what must hold for all values, on drawn ones. Draws are the same in each run, so that no test is
// red by chance; SPOKEWRIGHT_SEED=N draws others, and SPOKEWRIGHT_SEED=random new ones each time. It is for tests alone.
package property

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Check checks a property; -rapid.checks says on how many values.
func Check(t *testing.T, holds func(*rapid.T)) {
	t.Helper()
	seed := flag.Lookup("rapid.seed")
	if seed.Value.String() == "0" {
		if err := seed.Value.Set(drawn(os.Getenv("SPOKEWRIGHT_SEED"))); err != nil {
			t.Fatalf("SPOKEWRIGHT_SEED: found %q, allowed are a whole number above zero and \"random\"", os.Getenv("SPOKEWRIGHT_SEED"))
		}
		t.Logf("-rapid.seed=%s", seed.Value)
	}
	rapid.Check(t, holds)
}

// drawn is the seed that a wish stands for.
func drawn(wish string) string {
	switch wish {
	case "":
		return "1"
	case "random":
		return strconv.FormatInt(time.Now().UnixNano(), 10)
	}
	return wish
}
