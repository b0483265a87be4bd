package aggregator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"weir/measure/oracle"
	"weir/record"
)

// judged is an aggregator's run that the oracle judges.
type judged struct {
	*kept
	oracle *oracle.Oracle
}

func (j *judged) Late(late []record.Late) {
	j.oracle.Late(late...)
	j.kept.Late(late)
}

// judgedStream is a stream of several shards, each of which has its own disorder, and is behind or ahead of others.
type judgedStream struct {
	name      string
	config    Config
	shards    int
	disorder  int64 // of a shard, in milliseconds
	resharded bool  // the first shard's records but the first third are in its two children
	lives     int   // how often it is killed and restored
	uneven    bool  // its shards are read at paces that differ between lives
}

var judgedStreams = []judgedStream{
	{name: "one shard", shards: 1, disorder: 40, config: Config{Parallelism: 2, Window: 10 * time.Millisecond, OutOfOrderness: 12 * time.Millisecond}},
	{name: "no disorder allowed", shards: 1, disorder: 9, config: Config{Parallelism: 1, Window: 7 * time.Millisecond}},
	{name: "sliding, late, mean", shards: 1, disorder: 60, config: Config{
		Parallelism: 3, Window: 20 * time.Millisecond, Slide: 5 * time.Millisecond, OutOfOrderness: 8 * time.Millisecond, AllowedLateness: 23 * time.Millisecond,
		Watermark: Watermark{Minus1ms: true}, Mean: new(3),
	}},
	{name: "several shards", shards: 5, disorder: 40, config: Config{Parallelism: 3, Window: 10 * time.Millisecond, OutOfOrderness: 6 * time.Millisecond}},
	{name: "resharded", shards: 4, resharded: true, config: Config{Parallelism: 3, Window: 10 * time.Millisecond, OutOfOrderness: 3 * time.Millisecond}},
	{name: "killed and restored", shards: 1, disorder: 40, lives: 3, config: Config{Parallelism: 2, Window: 10 * time.Millisecond, OutOfOrderness: 12 * time.Millisecond}},
	{name: "killed, several shards", shards: 4, disorder: 60, lives: 5, uneven: true, config: Config{
		Parallelism: 3, Window: 10 * time.Millisecond, OutOfOrderness: 3 * time.Millisecond,
	}},
	{name: "killed, several shards, sliding", shards: 4, disorder: 60, lives: 5, uneven: true, config: Config{
		Parallelism: 3, Window: 20 * time.Millisecond, Slide: 5 * time.Millisecond, OutOfOrderness: 3 * time.Millisecond,
	}},
}

// drawJudged draws a record; n counts them up.
func drawJudged(random *rand.Rand, n int, ts int64) record.Stored {
	key := strconv.Itoa(random.IntN(40))
	switch random.IntN(20) {
	case 0: // its event time is far ahead, and raises nothing
		return stored(n, fmt.Sprintf(`{"kind":"k","key":%q,"event_time":%d,"value":"none"}`, key, ts+1000))
	case 1:
		return stored(n, eventOf("k", key, ts, ""))
	case 2:
		return stored(n, eventOf("k", key, ts, "8123456789012345678"))
	}
	value := strconv.FormatFloat(float64(random.IntN(4001)-2000)/[]float64{1, 10, 1000}[random.IntN(3)], 'f', -1, 64)
	return stored(n, eventOf([]string{"j", "k"}[random.IntN(2)], key, ts, value))
}

// tape is the stream's, with what is stored in each shard told to the oracle.
func (s *judgedStream) tape(seed uint64, j *judged) *tape {
	random := rand.New(rand.NewPCG(seed, seed))
	t := &tape{shards: shardsOf(s.shards), page: 7, records: make(map[string][]record.Stored), children: make(map[string][]record.Shard)}
	var children []record.Shard
	if s.resharded {
		children = t.split(t.shards, 0)
		children = children[len(children)-2:]
	}
	n := 0
	for i, shard := range t.shards {
		ts := int64(-300 + 40*i) // some are ahead
		for k := range 600 {
			ts += random.Int64N(3)
			n++
			at := shard.ID
			if s.resharded && i == 0 && k > 200 {
				at = children[random.IntN(2)].ID
			}
			late := int64(0)
			if s.disorder > 0 && random.IntN(4) == 0 {
				late = random.Int64N(s.disorder)
			}
			t.records[at] = append(t.records[at], drawJudged(random, n, ts-late))
		}
	}
	if s.resharded {
		j.oracle.Resharded(children)
	}
	for _, at := range slices.Concat(t.shards, children) {
		j.store(at.ID, t.records[at.ID])
		if len(t.children[at.ID]) == 0 {
			t.records[at.ID] = append(t.records[at.ID], flush(100_000))
		}
	}
	return t
}

// store tells the oracle of the records of a shard, parents first.
func (j *judged) store(shard string, records []record.Stored) {
	decoder, err := record.NewDecoder(record.DefaultFields())
	if err != nil {
		panic(err) // the defaults are paths
	}
	for i := range records {
		var d record.Decoded
		_ = decoder.Decode(records[i].Data, &d) // what is unreadable says so
		j.oracle.Add(shard, []record.Send{{Record: record.Record{Event: d.Event}, Sequence: records[i].Sequence, Outcome: record.Acked}})
	}
}

// judge runs a stream and has the oracle say what is wrong.
func (s *judgedStream) judge(t *testing.T, seed uint64) {
	config := s.config
	shards := s.shards
	if s.resharded {
		shards++
	}
	j := &judged{kept: new(kept), oracle: oracle.New(oracle.Config{
		Window: config.Window, Slide: config.Slide, OutOfOrderness: config.OutOfOrderness, AllowedLateness: config.AllowedLateness,
		Minus1ms: config.Watermark.Minus1ms, Mean: config.Mean, Shards: shards,
	})}
	stream := s.tape(seed, j)
	var rows []record.Row
	var status Status
	if s.lives > 0 {
		config.Checkpoints = &Checkpoints{Store: newFiles(), Every: 4 * time.Millisecond}
		d := &desk{table: make(map[record.RowID]record.Row), late: make(map[string]bool), oracle: j.oracle}
		stream.uneven = s.uneven
		lives := slices.Repeat([]life{{parallelism: 3, lasts: 21 * time.Millisecond}}, s.lives)
		status = survive(t, config, stream, d, append(lives, life{parallelism: 2, lasts: 2 * time.Second}))
		d.write(len(d.held)) // the last one was not killed
		for _, row := range d.table {
			rows = append(rows, row)
		}
	} else {
		config.Observer = j
		got := aggregateFor(t, 2*time.Second, config, stream)
		if got.err != nil {
			t.Fatal(got.err)
		}
		status = got.status
		last := make(map[record.RowID]record.Row)
		for i := range got.rows {
			last[got.rows[i].RowID] = got.rows[i].Row
		}
		for _, row := range last {
			rows = append(rows, row)
		}
	}
	c := j.oracle.Compare(rows, oracle.Proof{})
	if c.Wrong+c.Missing+c.Unexpected+c.FalseLate > 0 || c.Matched == 0 {
		t.Errorf("the oracle says: %d of %d rows matched, %d wrong, %d missing, %d unexpected, %d falsely late", c.Matched, c.Expected, c.Wrong, c.Missing, c.Unexpected, c.FalseLate)
	}
	if status.Read != status.Counted+status.Late+status.Unreadable {
		t.Errorf("the books say: %+v", status)
	}
}

// It has to find what each of the mutants in testdata/mutants does, and nothing here.
func TestTheOracleFindsNothingWrong(t *testing.T) {
	for i := range judgedStreams {
		s := &judgedStreams[i]
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(3) {
				s.judge(t, seed)
			}
		})
	}
}
