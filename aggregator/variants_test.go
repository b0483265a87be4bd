package aggregator

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

// polled is a stream whose shards are read side by side: each gives its pages at their times, and then, at its tip, empty ones four times a second.
type polled struct {
	shards []record.Shard
	pages  map[string][]timed
}

type timed struct {
	at   time.Duration // since the start
	page record.Page
}

func (p *polled) Shards(context.Context) ([]record.Shard, error) { return p.shards, nil }

func (p *polled) Read(ctx context.Context, shard record.Shard, _ record.Position, to record.Receiver) error {
	start := time.Now()
	var last time.Duration // how far the last answer was behind
	for pages := p.pages[shard.ID]; ; {
		wait, page := 250*time.Millisecond, record.Page{Behind: last}
		if len(pages) > 0 && pages[0].at-time.Since(start) <= wait {
			wait, page = pages[0].at-time.Since(start), pages[0].page
			pages = pages[1:]
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		page.Shard, last = shard.ID, page.Behind
		if err := asked(ctx, to, page); err != nil || page.End {
			return err
		}
	}
}

// backlog is what a shard has from a stop on: a page of ten records for each second of event time, read one page each pace. All but the last are behind
// the tip.
func backlog(first int, seconds int, pace time.Duration) []timed {
	var pages []timed
	for s := range seconds {
		page := record.Page{Behind: time.Duration(seconds-1-s) * time.Second}
		for i := range 10 {
			page.Records = append(page.Records, stored(first+10*s+i, eventOf("k", "a", int64(1000*s+100*i), "1")))
		}
		pages = append(pages, timed{time.Duration(s) * pace, page})
	}
	return pages
}

// A job that starts again from where the old one stopped reads one shard faster than another. With a watermark for each shard nothing is late that was not
// when it was live. With the SQL connector's, which is one for all shards of a subtask, the records of the slow shard are, unless each shard has a subtask of
// its own, or the fast one waits.
func TestAFailBackDropsWhatAWatermarkPerSubtaskMakesLate(t *testing.T) {
	const seconds = 30
	for _, c := range []struct {
		name        string
		parallelism int
		watermark   Watermark
		dropped     bool
	}{
		{"per shard", 1, Watermark{}, false},
		{"per subtask", 1, Watermark{PerSubtask: true}, true},
		{"per subtask, as Flink SQL emits it", 1, Watermark{PerSubtask: true, Every: 200 * time.Millisecond}, true},
		{"per subtask, of which each has one shard", 2, Watermark{PerSubtask: true}, false},
		{"per subtask, and the fast shard waits", 1, Watermark{PerSubtask: true, MaxDrift: 2 * time.Second}, false},
		{"per shard, and the fast shard waits", 2, Watermark{MaxDrift: 2 * time.Second}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			stream := &polled{shards: shardsOf(2), pages: map[string][]timed{
				"shard-0": backlog(0, seconds, time.Millisecond), "shard-1": backlog(10*seconds, seconds, 100*time.Millisecond),
			}}
			config := seconds5(c.parallelism)
			config.Watermark = c.watermark
			got := aggregateFor(t, time.Minute, config, stream)
			if got.err != nil {
				t.Fatal(got.err)
			}
			s := got.status
			if s.Read != 2*10*seconds || s.Counted+s.Late != s.Read || c.dropped != (s.Late > 0) {
				t.Errorf("read %d, counted %d, late %d", s.Read, s.Counted, s.Late)
			}
			for _, id := range got.late {
				if id.Shard != "shard-1" {
					t.Errorf("%v is late, of the shard that is ahead", id)
				}
			}
		})
	}
}

// seconds5 has windows of a second, and five of them out of order.
func seconds5(parallelism int) Config {
	return Config{Parallelism: parallelism, Window: time.Second, OutOfOrderness: 5 * time.Second}
}

// How far the fast shard is ahead when the slow one is in the middle of its backlog: all of the way, or the drift and the page that it was at.
func TestAShardThatIsFarAheadWaits(t *testing.T) {
	for drift, ahead := range map[time.Duration]int64{0: 59_900 - 29_900, 3 * time.Second: 4_000} {
		stream := &polled{shards: shardsOf(2), pages: map[string][]timed{
			"shard-0": backlog(0, 60, time.Millisecond), "shard-1": backlog(600, 60, time.Second),
		}}
		config := seconds(1)
		config.Watermark.MaxDrift = drift
		middle := aggregateFor(t, 29*time.Second+time.Millisecond, config, stream)
		if middle.err != nil {
			t.Fatal(middle.err)
		}
		if got := middle.status.Shards[0].Watermark - middle.status.Shards[1].Watermark; got != ahead {
			t.Errorf("drift %s: the fast shard is %d ms ahead, want %d", drift, got, ahead)
		}
		end := aggregateFor(t, 2*time.Minute, config, stream)
		if s := end.status; end.err != nil || s.Counted != 1200 || s.Rows != 59 {
			t.Errorf("drift %s: %v, %+v", drift, end.err, s)
		}
	}
}

func TestAWatermarkGoesOutWithTheTick(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	at := func(when int, records ...record.Stored) timed {
		return timed{ms(when), record.Page{Records: records}}
	}
	pages := []timed{
		at(10, stored(1, eventOf("k", "a", 0, "1")), stored(2, eventOf("k", "a", 1499, "2")), stored(3, eventOf("k", "a", 5, "4"))),
		at(210, stored(4, eventOf("k", "a", 6, "8")), stored(5, eventOf("k", "a", 1600, ""))),
	}
	first := shows{"k/a", 0, 1, "1", ms(2), ms(1), false}
	both := shows{"k/a", 0, 2, "5", ms(2), ms(3), false}
	for _, c := range []struct {
		name      string
		watermark Watermark
		row       shows
		late      []string
	}{
		{"every record", Watermark{}, first, []string{"3", "4"}},
		{"every 200 ms: what comes before the tick is in time", Watermark{Every: ms(200)}, both, []string{"4"}},
		{"as Flink SQL: a rise of more than 200 ms goes out at once", Watermark{PerSubtask: true, Every: ms(200)}, first, []string{"3", "4"}},
		{"as Flink SQL: a lesser one waits", Watermark{PerSubtask: true, Every: ms(5000)}, shows{"k/a", 0, 3, "13", ms(2), ms(4), false}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := seconds(1)
			config.Watermark = c.watermark
			got := aggregateFor(t, time.Minute, config, &polled{shards: shardsOf(1), pages: map[string][]timed{"shard-0": pages}})
			rows := show(got.rows)
			if got.err != nil || len(rows) == 0 {
				t.Fatal(got.err, rows)
			}
			if c.name == "as Flink SQL: a lesser one waits" {
				rows[0].trigger = c.row.trigger // the first record goes out at once, for there was none before
			}
			if diff := cmp.Diff(c.row, rows[0], cmp.AllowUnexported(shows{})); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.late, sequences(got.late)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnIdleShardHoldsNothingBack(t *testing.T) {
	page := func(at time.Duration, behind time.Duration, records ...record.Stored) timed {
		return timed{at, record.Page{Records: records, Behind: behind}}
	}
	number := 0
	rec := func(ts int64) record.Stored { number++; return stored(number, eventOf("k", "a", ts, "")) }
	for _, c := range []struct {
		name          string
		first, second []timed
		timeout       time.Duration
		rows          string // window starts, a ~ in front of those that idleness fired
		late          int
	}{
		{
			"without a timeout a shard without records holds the windows open",
			[]timed{page(0, 0, rec(0)), page(time.Minute, 0, rec(1600))},
			nil, 0, "", 0,
		},
		{
			"with one it does not",
			[]timed{page(0, 0, rec(0)), page(time.Second, 0, rec(1600)), page(time.Minute, 0, rec(3600))},
			nil, 5 * time.Second, "~0 1000", 0,
		},
		{
			"nor does one whose records have ended",
			[]timed{page(0, 0, rec(0)), page(8*time.Second, 0, rec(1600))},
			[]timed{page(time.Second, 0, rec(10))},
			5 * time.Second, "0", 0,
		},
		{
			"one that is behind its tip is not idle, however long it gives nothing",
			[]timed{page(0, 0, rec(0)), page(time.Second, 0, rec(1600))},
			[]timed{page(0, time.Second), page(time.Minute, time.Second), page(2*time.Hour, 0)},
			5 * time.Second, "", 0,
		},
		{
			"its next record is late by what has fired meanwhile, and then it holds the watermark again",
			[]timed{page(0, 0, rec(0)), page(time.Second, 0, rec(1600)), page(21*time.Second, 0, rec(5600))},
			[]timed{page(20*time.Second, 0, rec(5), rec(1200))},
			5 * time.Second, "~0 ~1000", 1,
		},
		{
			"where all are idle the watermark stays",
			[]timed{page(0, 0, rec(0)), page(time.Second, 0, rec(900))},
			[]timed{page(0, 0, rec(1400))},
			5 * time.Second, "", 0,
		},
	} {
		for _, parallelism := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d", c.name, parallelism), func(t *testing.T) {
				config := seconds(parallelism)
				config.Watermark.IdleTimeout = c.timeout
				got := aggregateFor(t, 2*time.Minute, config, &polled{shards: shardsOf(2), pages: map[string][]timed{"shard-0": c.first, "shard-1": c.second}})
				if got.err != nil {
					t.Fatal(got.err)
				}
				sortRows(got.rows)
				var rows []string
				for _, r := range got.rows {
					text := fmt.Sprint(r.WindowStart)
					if r.Flushed {
						text = "~" + text
					}
					rows = append(rows, text)
				}
				if text := strings.Join(rows, " "); text != c.rows || len(got.late) != c.late {
					t.Errorf("rows %q, want %q; late %v", text, c.rows, got.late)
				}
			})
		}
	}
}
