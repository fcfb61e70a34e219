package terminal

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// What is shown of long work goes again, and nothing of it is an escape, which a dumb terminal would show.
func TestProgressIsTakenBack(t *testing.T) {
	var out bytes.Buffer
	now := time.Now()
	done, finish := count(&out, "rendering", 12, func() time.Time { now = now.Add(time.Second); return now })
	done()
	done()
	finish()
	assert.Equal(t, "\rrendering 1 of 12\rrendering 2 of 12\r                  \r", out.String())
	assert.NotContains(t, out.String(), "\x1b")
}

func TestShortWorkShowsNothing(t *testing.T) {
	var out bytes.Buffer
	at := time.Now()
	done, finish := count(&out, "rendering", 12, func() time.Time { return at })
	done()
	finish()
	assert.Empty(t, out.String())
}
