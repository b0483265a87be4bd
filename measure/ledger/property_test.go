package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"weir/record"
)

// kept is a record as the shard of a world holds it.
type kept struct {
	stored  record.Stored
	send    int // the place in world.sends, -1 for a record of somebody else
	copy    bool
	dropped bool // lost by the shard before it was read
}

// world is one shard that knows the truth: what it stored, lost, stored twice, and got from others.
type world struct {
	t      *rapid.T
	ledger *books
	alike  bool // many records have the same key and data

	now      time.Duration
	sequence int
	sends    []record.Send // every record offered, by position
	twice    map[int]bool  // the positions that were stored though the answer said otherwise
	queue    []int         // the positions that wait for their turn
	call     []int         // the positions in flight
	unknown  bool          // the call will have no answer
	over     bool          // the writer had to end
	shard    []kept
	read     int // how much of shard was read

	told  []string // the sequence numbers told as stored
	named [kinds][]string
	want  Counts
}

func newWorld(t *rapid.T) *world {
	w := &world{t: t, sequence: 90, twice: make(map[int]bool), alike: rapid.Bool().Draw(t, "alike")}
	w.ledger = newBooks(Config{
		// A clock that is an hour behind lets every tip count as later than the call; what Resolve waits for has its own test.
		Clock: record.NewClock(time.Now().Add(time.Hour)),
		Stored: func(_ string, sends []record.Send) {
			for _, s := range sends {
				w.told = append(w.told, s.Sequence)
			}
		},
	}, ReadingConfig{Offence: func(o *Offence) { w.named[o.Kind] = append(w.named[o.Kind], o.Sequence) }})
	if rapid.Bool().Draw(t, "spills") { // all but the first and the last few of what waits
		w.ledger.store.memory, w.ledger.store.block = 1, rapid.IntRange(1, 500).Draw(t, "block")
	}
	return w
}

func (w *world) chance(percent int, what string) bool {
	return rapid.IntRange(0, 99).Draw(w.t, what) < percent
}

// offer takes new records into the queue.
func (w *world) offer() {
	for range rapid.IntRange(1, 6).Draw(w.t, "offer") {
		position := len(w.sends)
		data := fmt.Sprintf("data %d", position)
		if w.alike {
			data = "the same"
		}
		w.sends = append(w.sends, record.Send{
			Record:   record.Record{PartitionKey: "key", Data: []byte(data), Due: time.Duration(position) * time.Millisecond},
			Position: int64(position),
		})
		w.queue = append(w.queue, position)
	}
}

// send lets a call leave, and decides at once what the shard makes of it.
func (w *world) send() {
	n := min(len(w.queue), rapid.IntRange(1, 5).Draw(w.t, "call"))
	if n == 0 || len(w.call) > 0 || w.over {
		return
	}
	w.call, w.queue = slices.Clone(w.queue[:n]), w.queue[n:]
	// Of a record that was stored already, an unknown one is found to be either.
	w.unknown = !w.alike && !slices.ContainsFunc(w.call, func(p int) bool { return w.twice[p] }) && w.chance(20, "unknown")
	for _, p := range w.call {
		send := &w.sends[p]
		send.Attempts++
		if send.Attempts > 1 {
			w.want.Retried++
		}
		send.Outcome, send.Sequence = record.Pending, ""
	}
	w.ledger.Sending("shard", w.copies())
	for _, p := range w.call {
		send := &w.sends[p]
		switch {
		case w.chance(60, "store"):
			send.Sequence = w.store(p, false)
			if !w.alike && w.chance(10, "twice") {
				w.store(p, true)
			}
		case w.unknown:
		case w.chance(5, "refuse for good"):
			send.Outcome = record.Failed
		default:
			send.Outcome = record.Throttled
			if !w.alike && w.chance(10, "all the same") {
				w.twice[p] = true
				w.store(p, true)
			}
		}
		if w.chance(5, "somebody else") {
			w.want.Phantom++
			w.store(-1, false)
		}
	}
}

func (w *world) store(position int, again bool) string {
	w.sequence++
	k := kept{send: position, copy: again, stored: record.Stored{Sequence: strconv.Itoa(w.sequence), PartitionKey: "other", Data: []byte(strconv.Itoa(w.sequence))}}
	if position >= 0 {
		k.stored.PartitionKey, k.stored.Data = w.sends[position].PartitionKey, w.sends[position].Data
	}
	w.shard = append(w.shard, k)
	return k.stored.Sequence
}

func (w *world) copies() []record.Send {
	sends := make([]record.Send, len(w.call))
	for i, p := range w.call {
		sends[i] = w.sends[p]
	}
	return sends
}

// answer ends the call in flight.
func (w *world) answer() {
	if len(w.call) == 0 {
		return
	}
	w.now += time.Millisecond
	if w.unknown {
		w.answerUnknown()
		w.call = nil
		return
	}
	var again []int
	for _, p := range w.call {
		switch send := &w.sends[p]; {
		case send.Sequence != "":
			send.Outcome = record.Acked
			w.want.Acked++
		case send.Outcome == record.Failed:
			w.want.Failed++
		default:
			w.want.Throttled++
			again = append(again, p)
		}
	}
	w.ledger.Answered("shard", w.copies(), w.now)
	w.queue, w.call = append(again, w.queue...), nil
}

// answerUnknown lets the call end without an answer, reads to the tip, and has the ledger resolve it.
func (w *world) answerUnknown() {
	sends := w.copies()
	for i := range sends {
		sends[i].Outcome, sends[i].Sequence = record.Unknown, ""
	}
	w.ledger.Answered("shard", sends, w.now)
	if w.chance(15, "give up") {
		w.giveUp(sends)
		return
	}
	for w.read < len(w.shard) {
		w.page()
	}
	w.page()
	if err := w.ledger.Resolve(context.Background(), "shard", sends); err != nil {
		w.t.Fatalf("resolve: %v", err)
	}
	var again []int
	for i, p := range w.call {
		truth := w.sends[p].Sequence
		if sends[i].Sequence != truth || (sends[i].Outcome == record.Found) != (truth != "") {
			w.t.Fatalf("record %d is stored as %q, and resolved as %v %q", p, truth, sends[i].Outcome, sends[i].Sequence)
		}
		w.sends[p].Outcome = sends[i].Outcome
		if truth == "" {
			again = append(again, p)
			continue
		}
		w.want.Found++
	}
	w.ledger.Answered("shard", sends, w.now)
	w.queue = append(again, w.queue...)
}

// giveUp has the writer give the unknown ones up, as it does when a run has to end.
func (w *world) giveUp(sends []record.Send) {
	for i, p := range w.call {
		sends[i].Outcome = record.Unresolved
		if w.sends[p].Sequence == "" {
			w.want.Unresolved++
			continue
		}
		w.sends[p].Outcome = record.Found // once it is read
		w.want.Found++
	}
	w.ledger.Answered("shard", sends, w.now)
	w.over = true
}

// unsend ends what waits for its turn when the writer had to end.
func (w *world) unsend() {
	w.call, w.queue = w.queue, nil
	for _, p := range w.call {
		w.sends[p].Outcome = record.Unsent
		w.want.Unsent++
	}
	w.ledger.Answered("shard", w.copies(), w.now)
	w.call = nil
}

// page reads some records, and checks their due times.
func (w *world) page() {
	w.now += time.Millisecond
	page := record.Page{Shard: "shard", Asked: w.now, At: w.now}
	from := w.read
	for limit := rapid.IntRange(0, 8).Draw(w.t, "limit"); w.read < len(w.shard) && limit > 0; w.read++ {
		if k := &w.shard[w.read]; !k.dropped {
			page.Records = append(page.Records, k.stored)
			limit--
		}
	}
	if w.read < len(w.shard) {
		page.Behind = time.Second
	}
	if from > 0 && w.chance(5, "again") { // a reader that starts again a little earlier
		again := w.shard[from-1]
		if !again.dropped {
			page.Records = slices.Insert(page.Records, 0, again.stored)
		}
	}
	w.ledger.Join(&page)
	w.checkDue(&page, from)
}

func (w *world) checkDue(page *record.Page, from int) {
	if w.alike {
		return
	}
	due := make(map[string]time.Duration)
	for _, k := range w.shard[from:w.read] {
		if k.send >= 0 && !k.copy {
			due[k.stored.Sequence] = w.sends[k.send].Due
		}
	}
	for _, r := range page.Records {
		if want, ok := due[r.Sequence]; ok && r.Due != want {
			w.t.Fatalf("record %s is due at %v, and joined with %v", r.Sequence, want, r.Due)
		}
	}
}

// lose drops an acked record that was not read.
func (w *world) lose() {
	for i := w.read; i < len(w.shard); i++ {
		k := &w.shard[i]
		if k.send >= 0 && !k.copy && !k.dropped && w.sends[k.send].Outcome == record.Acked {
			k.dropped = true
			w.want.Lost++
			return
		}
	}
}

// settle lets everything come to its end.
func (w *world) settle() {
	for len(w.queue) > 0 || len(w.call) > 0 {
		w.answer()
		if w.over {
			w.unsend()
		}
		w.send()
	}
	for w.read < len(w.shard) {
		w.page()
	}
	w.page()
}

// count completes what the books should say by what was read, in the order of the shard.
func (w *world) count() {
	last := int64(-1)
	for _, k := range w.shard {
		if k.dropped {
			continue
		}
		w.want.Read++
		if k.send < 0 {
			continue
		}
		if k.copy {
			w.copied(k.send)
			continue
		}
		if position := int64(k.send); position < last {
			w.want.Reordered++
		} else {
			last = position
		}
	}
}

// copied counts a copy of a record: of one that is stored under no other sequence number, for its answers said that it is not, nobody can tell that it is one.
func (w *world) copied(position int) {
	if w.sends[position].Sequence == "" {
		w.want.Phantom++
		return
	}
	w.want.Duplicated++
}

// Whatever a shard does, the books say what it did.
func TestBooksTellTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0, 1:
				w.offer()
			case 2, 3, 4:
				w.send()
			case 5, 6:
				w.answer()
			case 7, 8:
				w.page()
			case 9:
				if w.chance(30, "lose") {
					w.lose()
				}
			}
		}
		w.settle()
		w.count()
		got := w.ledger.Counts()
		if d := gocmp.Diff(w.want, got); d != "" {
			t.Fatalf("books (-truth +ledger):\n%s", d)
		}
		checkBalance(t, int64(len(w.sends)), got)
		for _, r := range w.ledger.others {
			if d := gocmp.Diff(w.want, countsOf(w.ledger.Ledger, r)); d != "" {
				t.Fatalf("books of %s (-truth +ledger):\n%s", r.config.Name, d)
			}
			if given := r.Counts().Given; r.Engine().Records() != given {
				t.Fatalf("%d records wait with %s, which was given %d and has processed none", r.Engine().Records(), r.config.Name, given)
			}
		}
		w.checkTold()
		if !w.ledger.Settled() {
			t.Fatalf("all is read, and the ledger is not settled")
		}
		if err := w.ledger.Close(); err != nil {
			t.Fatal(err)
		}
		w.checkNamed()
	})
}

func checkBalance(t *rapid.T, offered int64, c Counts) {
	if sum := c.Acked + c.Failed + c.Unknown() + c.Unsent; sum != offered {
		t.Fatalf("offered %d, and acked + failed + unknown + unsent is %d", offered, sum)
	}
	if stored, seen := c.Acked+c.Found+c.Duplicated+c.Phantom, c.Read+c.Unread+c.Lost; stored != seen {
		t.Fatalf("stored %d, and read + unread + lost is %d", stored, seen)
	}
}

// checkTold checks that every record known to be stored was told once, in order.
func (w *world) checkTold() {
	var want []string
	for _, k := range w.shard {
		if k.send >= 0 && !k.copy {
			want = append(want, k.stored.Sequence)
		}
	}
	if d := gocmp.Diff(want, w.told, cmpopts.EquateEmpty()); d != "" {
		w.t.Fatalf("told as stored (-truth +ledger):\n%s", d)
	}
	if !slices.IsSortedFunc(w.told, func(a, b string) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) }) {
		w.t.Fatalf("told out of order: %v", w.told)
	}
}

// checkNamed checks that every offender was named once.
func (w *world) checkNamed() {
	var want [kinds][]string
	last := -1
	for _, k := range w.shard {
		switch {
		case k.dropped:
			want[Lost] = append(want[Lost], k.stored.Sequence)
		case k.send < 0, k.copy && w.sends[k.send].Sequence == "":
			want[Phantom] = append(want[Phantom], k.stored.Sequence)
		case k.copy:
		case k.send < last:
			want[Reordered] = append(want[Reordered], k.stored.Sequence)
		default:
			last = k.send
		}
	}
	// Of two copies, either may be taken for the record.
	if got := len(w.named[Duplicated]); int64(got) != w.want.Duplicated {
		w.t.Fatalf("%d duplicates are named, of %d", got, w.want.Duplicated)
	}
	want[Duplicated] = w.named[Duplicated]
	for kind := range kinds {
		slices.Sort(want[kind])
		slices.Sort(w.named[kind])
	}
	if !w.alike {
		if d := gocmp.Diff(want, w.named, cmpopts.EquateEmpty()); d != "" {
			w.t.Fatalf("named (-truth +ledger):\n%s", d)
		}
	}
}
