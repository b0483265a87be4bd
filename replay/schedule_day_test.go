package replay

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/record"
)

// TestADayIsReplayedWithoutDrift feeds 24 hours of records, one every two seconds, in virtual time, as the feeder does: it sleeps until the next
// due time and takes what is due. Each record must be handed over at the nanosecond of its own event time, the last as the first, though
// the feeder oversleeps now and then.
func TestADayIsReplayedWithoutDrift(t *testing.T) {
	t.Parallel()
	const records = 86_400 / 2
	var text strings.Builder
	random := rand.New(rand.NewPCG(6, 6))
	for i := range records {
		at := int64(i) * 2000
		if i > 0 && i < records-1 {
			at += random.Int64N(2000)
		}
		fmt.Fprintf(&text, "{\"t\":%d,\"key\":\"k%d\"}\n", 1357020000000+at, i%100)
	}
	for speed, factor := range map[string]int64{"1x": 1, "60x": 60, "3600x": 3600} {
		synctest.Test(t, func(t *testing.T) {
			o := textOptions(text.String())
			o.Pace = mustSpeed(t, speed)
			source, err := Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = source.Run(t.Context()) }()
			start := time.Now()
			handed, last := feedVirtually(t, source, start, factor)
			if want := time.Duration(records-1) * 2 * time.Second / time.Duration(factor); handed != records || last != want {
				t.Errorf("%s: %d records, the last at %v, want %v", speed, handed, last, want)
			}
		})
	}
}

// feedVirtually takes everything and fails at the first record that is not handed over at its instant.
func feedVirtually(t *testing.T, source *Source, start time.Time, factor int64) (handed int, last time.Duration) {
	t.Helper()
	var batch record.Batch
	for {
		due, ok := source.Next()
		if !ok { // being decoded, or ended
			synctest.Wait()
			due, ok = source.Next()
		}
		late := time.Duration(0)
		if ok {
			time.Sleep(time.Until(start.Add(due)))
			if handed%1000 == 999 {
				late = 7 * time.Millisecond // must not be carried on
				time.Sleep(late)
			}
		}
		batch.Reset()
		now := time.Since(start)
		if err := source.Fill(&batch, now+1); errors.Is(err, io.EOF) {
			return handed, last
		}
		for i := range batch.Records {
			r := &batch.Records[i]
			exact := time.Duration((r.Event.Time - 1357020000000) * 1_000_000 / factor)
			if r.Due != exact || now < exact || now > exact+late {
				t.Fatalf("record %d of %v is due at %v, handed over at %v", handed, exact, r.Due, now)
			}
			last = now - late
			handed++
		}
	}
}
