package oracle

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/record"
)

// engine is an aggregator in its plainest form: one record after the other, and a watermark that is the minimum over shards.
type engine struct {
	config     Config
	watermarks []int64
	values     map[record.RowID][]int64
	late       []record.Late
}

func newEngine(config Config) *engine {
	e := &engine{config: config, watermarks: make([]int64, config.Shards), values: make(map[record.RowID][]int64)}
	for i := range e.watermarks {
		e.watermarks[i] = math.MinInt64
	}
	return e
}

func (e *engine) read(shard int, s record.Send) {
	size, slide := e.config.Window.Milliseconds(), e.config.Slide.Milliseconds()
	late := record.Late{ID: record.ID{Shard: strconv.Itoa(shard), Sequence: s.Sequence}, Dropped: true}
	missed := false
	last := int64(math.Floor(float64(s.Event.Time)/float64(slide))) * slide
	for window := last - size + slide; window <= last; window += slide {
		if window+size-1+e.config.AllowedLateness.Milliseconds() <= slices.Min(e.watermarks) {
			late.Over, missed = window+size, true
			continue
		}
		late.Dropped = false
		id := record.RowID{Kind: s.Event.Kind, Key: s.Event.Key, WindowStart: window}
		value, _ := strconv.ParseInt(s.Event.Value, 10, 64)
		e.values[id] = append(e.values[id], value)
	}
	if missed {
		e.late = append(e.late, late)
	}
	e.watermarks[shard] = max(e.watermarks[shard], s.Event.Time-e.config.OutOfOrderness.Milliseconds())
	if e.config.Across {
		for i := range e.watermarks {
			e.watermarks[i] = max(e.watermarks[i], e.watermarks[shard])
		}
	}
}

func (e *engine) rows() []record.Row {
	var rows []record.Row
	for id, values := range e.values {
		sum := int64(0)
		for _, value := range values {
			sum += value
		}
		row := record.Row{
			RowID: id, WindowEnd: id.WindowStart + e.config.Window.Milliseconds(), Count: int64(len(values)),
			Sum: fmt.Sprint(sum), Min: fmt.Sprint(slices.Min(values)), Max: fmt.Sprint(slices.Max(values)),
		}
		if e.config.Mean != nil {
			row.Mean = strconv.FormatFloat(roundHalfAway(float64(sum)/float64(len(values))*10)/10, 'f', -1, 64)
		}
		rows = append(rows, row)
	}
	return rows
}

func roundHalfAway(x float64) float64 {
	if x = math.Round(x); x == 0 {
		return 0 // and no negative one
	}
	return x
}

func drawEvents(t *rapid.T) []record.Event {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) record.Event {
		return record.Event{
			Kind: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "kind"), Key: "k",
			Time: rapid.Int64Range(-100_000, 300_000).Draw(t, "time"), Value: fmt.Sprint(rapid.Int64Range(-5, 5).Draw(t, "value")),
		}
	}), 0, 30).Draw(t, "events")
}

func drawConfig(t *rapid.T) Config {
	config := minute(rapid.IntRange(1, 3).Draw(t, "shards"))
	config.Slide = config.Window / time.Duration(rapid.SampledFrom([]int{1, 2, 3, 6}).Draw(t, "slides"))
	config.AllowedLateness = time.Duration(rapid.SampledFrom([]int{0, 7, 90}).Draw(t, "lateness")) * time.Second
	config.Across = rapid.Bool().Draw(t, "across")
	if rapid.Bool().Draw(t, "mean") {
		config.Mean = new(1)
	}
	return config
}

// However the reads of the shards interleave, an engine that follows the rules passes, whether its reports come before or after
// the acknowledgements; and one whose table is altered in any row does not.
func TestAnEngineThatFollowsTheRulesPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := drawConfig(t)
		e, o := newEngine(config), New(config)
		var turns []int
		left := make([][]record.Send, config.Shards)
		for shard := range left {
			left[shard] = stored(1, drawEvents(t)...)
			o.Add(strconv.Itoa(shard), left[shard])
			for range left[shard] {
				turns = append(turns, shard)
			}
		}
		for _, shard := range rapid.Permutation(turns).Draw(t, "interleaving") {
			e.read(shard, left[shard][0])
			left[shard] = left[shard][1:]
		}
		o.Late(e.late...)
		rows := e.rows()
		c := o.Compare(rows, Proof{})
		if c.Matched != int64(len(rows)) || c.Expected != c.Matched || c.Unexpected+c.FalseLate != 0 {
			t.Fatalf("%d rows, %d late, comparison %+v", len(rows), len(e.late), c)
		}
		if o.Exact() && o.MayDrops() != len(e.late) {
			t.Fatalf("%d must be dropped, and %d were", o.MayDrops(), len(e.late))
		}
		if len(rows) > 0 {
			alter(t, &rows[rapid.IntRange(0, len(rows)-1).Draw(t, "altered")])
			if c := o.Compare(rows, Proof{}); c.Wrong+c.Unexpected == 0 {
				t.Fatalf("an altered row passes: %+v", c)
			}
		}
	})
}

func alter(t *rapid.T, row *record.Row) {
	switch rapid.IntRange(0, 6).Draw(t, "alteration") {
	case 0:
		row.Count++
	case 1:
		row.Sum += "0.1"
	case 2:
		row.Min = ""
	case 3:
		row.Max = "6"
	case 4:
		row.WindowEnd--
	case 5:
		row.Key = "other"
	case 6:
		row.Mean += "1"
	}
}
