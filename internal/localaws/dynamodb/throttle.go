package dynamodb

import (
	"sync"
	"time"

	"weir/limits"
)

// throttle is the limits of a table or a global index: the units a second that it gives for reads and for writes, of which it saves up what is not used,
// and what one partition key can have of them, however many there are (developer guide, "Burst and adaptive capacity").
type throttle struct {
	what, arn string // "Table" or "Index"
	given     throughput
	onDemand  bool
	start     time.Time // of the clock of the allowances

	mu            sync.Mutex
	reads, writes allowance
	partitions    map[uint64]*partition // by the hash of the partition key, those that were busy lately
}

// partition is what one partition key can have.
//
// D5: One partition key gets 3,000 read and 1,000 write units a second at most (Developer Guide, "Designing partition keys to distribute your workload")
type partition struct{ reads, writes allowance }

// allowance is units that come at a rate.
type allowance struct {
	bucket *limits.Bucket
	most   float64 // that can be saved up
}

// access is what is done with units.
type access uint8

const (
	reading access = iota
	writing
)

func (a access) String() string { return [...]string{"Read", "Write"}[a] }

// throttlingReason is why a call was throttled (API reference, ThrottlingReason).
type throttlingReason struct {
	Reason   string `json:"reason"`
	Resource string `json:"resource"`
}

// newThrottle is the limits of capacity that is given, or of a new on-demand table. What is provisioned begins with a second's worth, as if it had been
// used to the full until now: AWS states nothing of it, and a test that began with a full burst would hide for minutes that the capacity is too small.
//
// D3: A new provisioned table has a second's worth of its capacity (AWS does not say)
func newThrottle(what, arn string, given throughput, onDemand bool, now time.Time) *throttle {
	t := &throttle{what: what, arn: arn, given: given, onDemand: onDemand, start: now, partitions: make(map[uint64]*partition)}
	if onDemand {
		t.reads, t.writes = steady(limits.OnDemandReadsPerSecond), steady(limits.OnDemandWritesPerSecond)
	} else {
		t.reads, t.writes = saving(float64(given.ReadCapacityUnits)), saving(float64(given.WriteCapacityUnits))
	}
	return t
}

// steady is an allowance that has a second's worth at most.
//
// D4: A new on-demand table gives 12,000 read and 4,000 write units a second (Developer Guide, "On-demand capacity mode")
func steady(rate float64) allowance { return allowance{limits.NewBucket(rate, rate), rate} }

// saving is an allowance that saves up what is not used, and begins with a second's worth.
//
// D2: Provisioned capacity that is not used is saved up for 300 seconds (Developer Guide, "Burst and adaptive capacity")
func saving(rate float64) allowance {
	most := limits.SavedCapacitySeconds * rate
	a := allowance{limits.NewBucket(rate, most), most}
	a.bucket.Spend(0, most-rate)
	return a
}

// has says that units are there. What is beyond all that can be saved up goes when all is there, and the rest is owed: it would never go otherwise.
func (a *allowance) has(now time.Duration, units float64) bool {
	return a.bucket.Level(now) >= min(units, a.most)
}

func (t *throttle) of(a access) *allowance {
	if a == reading {
		return &t.reads
	}
	return &t.writes
}

func (p *partition) of(a access) *allowance {
	if a == reading {
		return &p.reads
	}
	return &p.writes
}

// manyPartitions stands for the hash of a read that goes through several.
const manyPartitions = 0

// take takes units, if they are there; else it says why not. A nil throttle has all of them.
func (t *throttle) take(a access, hash uint64, units float64) *throttlingReason {
	return t.borrow(a, hash, units, units)
}

// borrow takes units if the least of them are there, and owes the rest; else it says why not.
func (t *throttle) borrow(a access, hash uint64, least, units float64) *throttlingReason {
	if t == nil || units == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Since(t.start)
	if why := t.refusal(now, a, hash, least); why != nil {
		return why
	}
	t.pay(now, a, hash, units)
	return nil
}

// refuses is why so many units are not to be had, nil if they are.
func (t *throttle) refuses(a access, hash uint64, units float64) *throttlingReason {
	if t == nil || units == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refusal(time.Since(t.start), a, hash, units)
}

// spend takes units, whether they are there or not; those below zero it gives back.
func (t *throttle) spend(a access, hash uint64, units float64) {
	if t == nil || units == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pay(time.Since(t.start), a, hash, units)
}

// refusal is what refuses says. The lock is held.
func (t *throttle) refusal(now time.Duration, a access, hash uint64, units float64) *throttlingReason {
	switch {
	case !t.of(a).has(now, units) && t.onDemand:
		// A new on-demand table is four partitions ("On-demand capacity mode"), whose limits are what it meets.
		return t.reason(a, "KeyRangeThroughputExceeded")
	case !t.of(a).has(now, units):
		return t.reason(a, "ProvisionedThroughputExceeded")
	}
	if p := t.partitions[hash]; hash != manyPartitions && p != nil && !p.of(a).has(now, units) {
		return t.reason(a, "KeyRangeThroughputExceeded")
	}
	return nil
}

func (t *throttle) reason(a access, why string) *throttlingReason {
	return &throttlingReason{t.what + a.String() + why, t.arn}
}

// pay takes units. The lock is held.
func (t *throttle) pay(now time.Duration, a access, hash uint64, units float64) {
	t.of(a).bucket.Spend(now, units)
	if hash == manyPartitions {
		return
	}
	p := t.partitions[hash]
	if p == nil {
		t.sweep(now)
		p = &partition{steady(limits.PartitionReadsPerSecond), steady(limits.PartitionWritesPerSecond)}
		t.partitions[hash] = p
	}
	p.of(a).bucket.Spend(now, units)
}

// fewPartitions is how many may be remembered before those are forgotten that have all of their allowance again.
const fewPartitions = 4096

func (t *throttle) sweep(now time.Duration) {
	if len(t.partitions) < fewPartitions {
		return
	}
	for hash, p := range t.partitions {
		if p.reads.has(now, p.reads.most) && p.writes.has(now, p.writes.most) {
			delete(t.partitions, hash)
		}
	}
}

// throttled is the error of a call that was throttled. On-demand tables and indexes have a code of their own.
//
// D6: A throttle tells its reasons and the table or index that it comes of (API reference, ThrottlingReason)
func (t *throttle) throttled(why throttlingReason) error {
	f := &failure{
		code:    "ProvisionedThroughputExceededException",
		message: "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
		reasons: []throttlingReason{why},
	}
	switch {
	case t.onDemand:
		f.code = "ThrottlingException"
		f.message = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key."
	case t.what == "Index":
		f.message = "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API."
	}
	return f
}
