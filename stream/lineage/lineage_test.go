package lineage

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"weir/record"
)

func born(id string, parents ...string) record.Shard { return record.Shard{ID: id, Parents: parents} }

func TestAShardWaitsForAllThatItCameOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		child := born("c", "a", "b")
		l := New([]record.Shard{born("a"), born("b"), born("x", "gone")})
		waited := make(chan error, 1)
		end := func(id string, want int) {
			t.Helper()
			got, err := l.End(id, []record.Shard{child})
			if err != nil || len(got) != want {
				t.Errorf("the end of %s brings %v, %v", id, got, err)
			}
		}
		end("a", 1)
		orphan := born("x", "gone")
		if err := l.Wait(t.Context(), &orphan); err != nil {
			t.Error(err)
		}
		go func() { waited <- l.Wait(t.Context(), &child) }()
		synctest.Wait()
		if len(waited) > 0 {
			t.Error("the child began before one of its parents had ended")
		}
		end("b", 0) // the child is known by now
		if err := <-waited; err != nil {
			t.Error(err)
		}
	})
}

// A stream that is resharded twice has shards whose one parent is read to its end before anybody has heard of the other.
func TestAShardWaitsForAParentThatIsYetToBeBorn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := born("b", "a"), born("c", "b", "d")
		l := New([]record.Shard{born("a"), born("d")})
		end := func(id string, child record.Shard) {
			t.Helper()
			if got, err := l.End(id, []record.Shard{child}); err != nil || len(got) != 1 && id != "b" {
				t.Errorf("the end of %s brings %v, %v", id, got, err)
			}
		}
		end("d", c)
		waited := make(chan error, 1)
		go func() { waited <- l.Wait(t.Context(), &c) }()
		synctest.Wait()
		end("a", b)
		synctest.Wait()
		if len(waited) > 0 {
			t.Error("the child began before one of its parents had")
		}
		end("b", c)
		if err := <-waited; err != nil {
			t.Error(err)
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	l := New([]record.Shard{born("a"), born("c", "a")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	child := born("c", "a")
	if err := l.Wait(ctx, &child); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAnEndWithoutAChildIsAnError(t *testing.T) {
	l := New([]record.Shard{born("a"), born("b"), born("c", "b")})
	if _, err := l.End("a", nil); err == nil || !strings.Contains(err.Error(), "shard a was closed while it was read") {
		t.Error(err)
	}
	if got, err := l.End("b", nil); err != nil || got != nil {
		t.Errorf("a parent whose child is listed: %v, %v", got, err)
	}
}
