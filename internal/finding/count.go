// Package finding is what is wrong, where, and how to mend it.
package finding

import "fmt"

func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
