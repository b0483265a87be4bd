package canary

import (
	"context"
	"time"
)

// lookEvery gives a look of a third of a second some 300 samples.
const lookEvery = time.Millisecond

// Look watches the host for a moment, as before a run, when weir itself does next to nothing: what it sees is then the host's alone. It is of few samples, and
// worth a warning.
func Look(ctx context.Context, d time.Duration) Facts {
	c := New(Config{Every: lookEvery})
	c.shortest = d / 2
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_ = c.Run(ctx) // ends with ctx, which is no error
	return c.Facts()
}
