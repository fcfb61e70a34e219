//go:build !unix

package watchdog

import "time"

// processorTime is not known here: the deadline alone holds.
func processorTime() time.Duration { return 0 }
