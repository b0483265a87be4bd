package generator

import (
	"math/rand/v2"
	"testing"
	"time"

	"weir/record"
)

// Each count is held against the records that Fill then hands out.
func TestWhatIsDueAndWasNotHandedOutIsCounted(t *testing.T) {
	c := typical()
	c.Phases = []Phase{
		{Shape: Ramp, For: 2 * time.Second, From: 1, To: 3000}, {Shape: Poisson, For: time.Second, At: 20_000}, {Shape: Hold, For: time.Second, At: 700},
	}
	r := rand.New(rand.NewPCG(3, 4))
	s := mustNew(t, c).Stream(epoch)
	for now := time.Duration(0); now < 5*time.Second; now += time.Duration(r.IntN(200)) * time.Millisecond {
		waiting, oldest := s.Waiting(now)
		var batch record.Batch
		for {
			n := len(batch.Records)
			if err := s.Fill(&batch, now); err != nil || len(batch.Records) == n {
				break
			}
		}
		if int(waiting) != len(batch.Records) {
			t.Fatalf("at %s, %d wait, and %d were handed out", now, waiting, len(batch.Records))
		}
		want := time.Duration(record.NoDue)
		if waiting > 0 {
			want = batch.Records[0].Due
		}
		if oldest != want {
			t.Fatalf("at %s, the oldest is due at %s, want %s", now, oldest, want)
		}
	}
	if waiting, _ := s.Waiting(time.Hour); waiting != 0 {
		t.Errorf("%d wait at the end", waiting)
	}
}
