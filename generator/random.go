package generator

import (
	"math/bits"
	"math/rand/v2"
)

// lane separates what a record's randomness is used for. Each purpose draws from a lane of its own, so that turning one thing on, or
// drawing more often for it, leaves everything else of the record as it was.
type lane uint64

// The lanes are arbitrary numbers. To change one is to change every load that uses it.
const (
	duplicateLane  lane = 0x8f1d3c5a9be70246
	unreadableLane lane = 0x21c6b07fd4983ae5
	kindLane       lane = 0x5be2a94d036cf817
	keyLane        lane = 0xc40f7e6218b5d39a
	sizeLane       lane = 0x7698e1fb3d02ca54
	valueLane      lane = 0xe35a0c94f7618b2d
	delayLane      lane = 0x1a74d8263bf5e90c
	sampleLane     lane = 0x94b35fe80d7a6c12
	templateLane   lane = 0x3d07c6a1e28f54b9
	spoilLane      lane = 0x6c8f25d7904be13a
	poissonLane    lane = 0xb8692d1054ae7fc3
)

// random is the randomness of one lane of one record: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014), whose n-th number is a bijective mix of its start + n·γ. The start is itself a mix of seed, i and lane, so that
// record i needs none of the records before it, and getting there costs two multiplications. A generator with a big state would
// have to be filled anew for each record, and PCG's first numbers of neighbouring seeds are alike.
type random struct {
	key   uint64 // of the seed
	own   uint64 // of the record
	state uint64
	// forms draws normal and exponential numbers from this very source.
	forms *rand.Rand
}

const gamma = 0x9e3779b97f4a7c15 // 2^64 / φ, odd

func newRandom(seed uint64) *random {
	r := &random{key: mix(seed)}
	r.forms = rand.New(r)
	return r
}

// mix is SplitMix64's output function.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// record goes to record i.
func (r *random) record(i int64) { r.own = mix(r.key + uint64(i)*gamma) }

// lane goes to the start of one of the record's lanes.
func (r *random) lane(l lane) { r.state = r.own ^ uint64(l) }

// Uint64 is the next number; random is a [rand.Source].
func (r *random) Uint64() uint64 {
	r.state += gamma
	return mix(r.state)
}

// unit is a number in [0, 1).
func (r *random) unit() float64 { return float64(r.Uint64()>>11) * 0x1p-53 }

// chance is true in that share of all cases.
func (r *random) chance(share float64) bool { return r.unit() < share }

// below is a number in [0, n). Its bias is at most n/2^64, too little to be seen.
func (r *random) below(n int64) int64 {
	high, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int64(high)
}
