package sizing

import (
	"testing"

	"pgregory.net/rapid"
)

func TestABracketClosesOnTheEdgeWhereverItIsAndWhateverItIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		easiest := rapid.IntRange(-50, 0).Draw(t, "easiest")
		hardest := rapid.IntRange(0, 50).Draw(t, "hardest")
		edge := rapid.IntRange(easiest-1, hardest).Draw(t, "edge") // the hardest rung that holds
		b := newBracket(easiest, hardest)
		tried := map[int]bool{}
		for {
			var hint *int
			if rapid.Bool().Draw(t, "hinted") {
				hint = new(rapid.IntRange(-60, 60).Draw(t, "hint"))
			}
			rung, ok := b.next(rapid.IntRange(-60, 60).Draw(t, "start"), hint)
			if !ok {
				break
			}
			if rung < easiest || rung > hardest || tried[rung] {
				t.Fatalf("rung %d is tried, of %d to %d, after %v", rung, easiest, hardest, tried)
			}
			tried[rung] = true
			b.note(rung, rung <= edge)
		}
		if edge < easiest {
			if b.hasHeld {
				t.Fatalf("nothing holds, and %d is said to", b.held)
			}
			return
		}
		if !b.closed() || b.held != edge {
			t.Fatalf("the edge is %d, and the bracket says %d (%+v)", edge, b.held, b)
		}
	})
}

func TestABracketTakesFewTrialsNearItsStart(t *testing.T) {
	for _, c := range []struct{ edge, most int }{{0, 2}, {1, 5}, {-1, 3}, {3, 5}, {-3, 5}, {10, 8}, {-10, 8}} {
		b := newBracket(-200, 200)
		trials := 0
		for {
			rung, ok := b.next(0, nil)
			if !ok {
				break
			}
			trials++
			b.note(rung, rung <= c.edge)
		}
		if trials > c.most {
			t.Errorf("an edge at %d takes %d trials, at most %d are good", c.edge, trials, c.most)
		}
	}
}

func TestOfContradictingTrialsTheOneThatDidNotHoldCounts(t *testing.T) {
	b := newBracket(-10, 10)
	b.note(3, true)
	b.note(2, false)
	if b.hasHeld || !b.missed || b.failed != 2 {
		t.Errorf("%+v", b)
	}
	b.note(1, true)
	if !b.closed() || b.held != 1 {
		t.Errorf("%+v", b)
	}
}
