package sizing

import (
	"fmt"
	"math"
	"time"

	"weir/limits"
	"weir/result"
	"weir/scenarios"
	"weir/sizing/simulator"
	"weir/sizing/trace"
	"weir/survey"
)

// Keys fall where their hash has them, and not evenly: the busiest shard or subtask gets more than its part, and that one binds.

// fewest is the least number from one up of which the busiest part has no more to do than it can; ok is false where not even a few times as many are enough, as
// for a key that is in one part whatever their number.
func fewest(from, most int, busiest func(n int) float64) (n int, ok bool) {
	for n := from; n <= min(most, 4*from+16); n++ {
		if busiest(n) <= 1 {
			return n, true
		}
	}
	return from, false
}

// placed is the fewest shards of which none gets more than it takes in any second.
func (m *model) placed() {
	from := m.most("shards")
	n, ok := fewest(from, maxShards, func(n int) float64 { return m.shareOf(m.trace.Peak(n)) })
	p := m.trace.Peak(n)
	if ok {
		m.add("input, by where the keys fall", float64(n), "shards", "of %s, the busiest gets %s records and %s in a second (shards %d and %d)",
			thousands(int64(n)), thousands(p.Records), survey.Size(p.Bytes), p.RecordsIn, p.BytesIn)
		return
	}
	m.never("input, by where the keys fall", "shards", "of %s to %s, some shard gets over its limit in some second: of %s, shard %d gets %s records and shard %d %s",
		thousands(int64(from)), thousands(int64(min(maxShards, 4*from+16))), thousands(int64(from)), p.RecordsIn, thousands(p.Records), p.BytesIn, survey.Size(p.Bytes))
}

// shareOf is how much of what a shard of the input can do is asked of the busiest.
func (m *model) shareOf(p trace.Peak) float64 {
	return shareOf(m.scenario, float64(p.Records), float64(p.Bytes))
}

// subtasks is the fewest subtasks of which none gets more than it does in any second.
func (m *model) subtasks() {
	from, rate := m.least(scenarios.SoughtParallelism, false), 1/m.record.Seconds()
	n, ok := fewest(from, maxParallelism, func(n int) float64 { return m.busiestSubtask(n).records / rate })
	if b := m.busiestSubtask(n); ok {
		m.add("parallelism, by where the keys fall", float64(n), "subtasks", "of %s, the busiest gets %s records in a second (subtask %d), and does %s",
			plural(n, "subtask"), thousands(int64(b.records)), b.part, thousands(int64(rate)))
	} else {
		m.add("parallelism, by where the keys fall", float64(n), "subtasks", "of %s or more, some subtask gets more in some second than the %s that it does: of %s, subtask %d gets %s records",
			thousands(int64(n)), thousands(int64(rate)), thousands(int64(n)), b.part, thousands(int64(b.records)))
	}
}

// busiest is the busiest part in its busiest second, or window.
type busiest struct {
	records float64
	part    int
}

// busiestSubtask is that of so many. Where there are fewer key groups than subtasks, it is never little enough.
func (m *model) busiestSubtask(n int) busiest {
	of, err := simulator.WindowSubtasks(m.trace.Rows, &m.scenario.Pipeline.Aggregator, n)
	if err != nil {
		return busiest{records: math.Inf(1)}
	}
	var b busiest
	each, now := make([]int, n), time.Duration(0)
	for i := range m.trace.Records {
		r := &m.trace.Records[i]
		if r.Row == trace.Unreadable {
			continue
		}
		if at := r.Due.Truncate(time.Second); at != now {
			clear(each)
			now = at
		}
		part := of[r.Row]
		if each[part]++; float64(each[part]) > b.records {
			b = busiest{float64(each[part]), int(part)}
		}
	}
	return b
}

// placedRows is the fewest shards of the output of which none gets more rows of the fullest window than it takes until the next one fires.
func (m *model) placedRows() {
	from := m.least(scenarios.SoughtOutput, false)
	n, ok := fewest(from, maxShards, m.busiestOutput)
	b := m.rowsOf(n)
	text := fmt.Sprintf("of %s, the busiest gets %s rows of the fullest window (shard %d), in %.3g s", thousands(int64(n)), thousands(int64(b.records)), b.part, m.demand.WindowSeconds)
	if !ok {
		text += ", and more do not divide them"
	}
	m.add("output, by where the keys fall", float64(n), "shards", "%s", text)
}

// busiestOutput is how much of what a shard of the output takes the busiest of so many gets.
func (m *model) busiestOutput(n int) float64 {
	perSecond := m.rowsOf(n).records / max(m.demand.WindowSeconds, 1e-3)
	return max(perSecond/limits.ShardWriteRecordsPerSecond, perSecond*m.demand.RowBytes/limits.ShardWriteBytesPerSecond)
}

// rowsOf is how many rows of the fullest window the busiest of so many shards of the output gets.
func (m *model) rowsOf(n int) busiest {
	if m.hashes == nil {
		for _, row := range m.fullest {
			m.hashes = append(m.hashes, simulator.RowHash(m.trace.Rows[row]))
		}
	}
	var b busiest
	starts, each := trace.Starts(n), make([]int, n)
	for _, hash := range m.hashes {
		part := trace.ShardOf(starts, hash)
		if each[part]++; float64(each[part]) > b.records {
			b = busiest{float64(each[part]), part}
		}
	}
	return b
}

// roomy is the least from a number up of which the busiest part is no busier than the utilisation asked for, and has room to catch up with a restart; ok is
// false where no number has that.
func (m *model) roomy(what scenarios.Sought, from int) (n int, ok bool) {
	h := &m.headroom
	restart := h.Restart.Seconds() / h.CatchUp.Seconds()
	switch what {
	case scenarios.SoughtShards:
		return fewest(from, maxShards, func(n int) float64 {
			p := m.trace.Peak(n)
			return max(m.shareOf(p)/h.Utilisation, float64(p.Bytes)*(1+float64(m.others())+restart)/limits.ShardReadBytesPerSecond)
		})
	case scenarios.SoughtParallelism:
		return fewest(from, maxParallelism, func(n int) float64 {
			return m.busiestSubtask(n).records * (restart + 1/h.Utilisation) * m.record.Seconds()
		})
	case scenarios.SoughtOutput:
		return fewest(from, maxShards, func(n int) float64 { return m.busiestOutput(n) / h.Utilisation })
	}
	return min(maxUnits, max(from, int(ceil(m.unitsPerSecond()/h.Utilisation)))), true
}

// most is the greatest of the needs so far that are counted in a unit.
func (m *model) most(unit string) int {
	most := 1
	for i := range m.needs {
		if n := &m.needs[i]; n.Unit == unit && n.Need != nil {
			most = max(most, int(*n.Need))
		}
	}
	return most
}

// never adds a need that no number meets.
func (m *model) never(resource, unit, format string, args ...any) {
	m.needs = append(m.needs, result.SizingNeed{Resource: resource, Unit: unit, Formula: fmt.Sprintf(format, args...), Impossible: true})
}
