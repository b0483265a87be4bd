package sizing

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"weir/result"
	"weir/scenarios"
	"weir/sizing/price"
	"weir/sizing/simulator"
	"weir/sizing/trace"
)

// hoursPerMonth is what AWS's calculator has.
const hoursPerMonth = 730

const (
	payloadUnit = 25 << 10 // bytes of a PUT payload unit ("Kinesis Data Streams pricing")
	gigabyte    = 1 << 30
	hour        = 3600.0
)

// hourly is what a load brings in an hour, at its mean rate.
type hourly struct {
	records float64
	// units are the PUT payload units, packed those of KPL aggregates; onDemand and out are bytes as on-demand streams bill them.
	units, packed, onDemand, out float64
	rows, rowBytes               float64
	writes                       float64 // write units of the rows
}

// hourlyOf is the load of a trace, over and over.
func hourlyOf(t *trace.Trace, s *scenarios.Scenario) hourly {
	var h hourly
	const kib = 1024
	for i := range t.Records {
		bytes := int(t.Records[i].Bytes)
		h.units += float64((bytes + payloadUnit - 1) / payloadUnit)
		h.onDemand += float64((bytes + kib - 1) / kib * kib)
		h.out += float64(bytes)
	}
	h.records = float64(len(t.Records))
	h.packed = simulator.Packed(h.records, h.out) / payloadUnit
	h.rows = float64(simulator.Rows(t, s))
	h.writes = h.rows * simulator.MeanUnits(t)
	per := hour / math.Max(t.For.Seconds(), 1e-3)
	for _, n := range []*float64{&h.records, &h.units, &h.packed, &h.onDemand, &h.out, &h.rows, &h.writes} {
		*n *= per
	}
	h.rowBytes = simulator.RowBytes(t, s)
	return h
}

// bill adds up what a configuration costs.
type bill struct {
	list *price.List
	cost result.SizingCost
}

func newBill(list *price.List, name string, c Configuration) *bill {
	return &bill{list: list, cost: result.SizingCost{Name: name, SizingConfig: c}}
}

// add puts an amount of something on the bill. What has no known price is named, and costs nothing that could be added.
func (b *bill) add(name, item string, amount float64, format string, args ...any) {
	line := result.SizingItem{Name: name, Formula: fmt.Sprintf(format, args...)}
	if usd := b.list.Of(item); usd != nil {
		line.Formula += fmt.Sprintf(" × %.10g USD", *usd)
		line.PerHour = new(amount * *usd)
		b.cost.PerHour += amount * *usd
	} else {
		line.Formula += " × a price that is not known"
		b.cost.Unknown = append(b.cost.Unknown, name)
	}
	b.cost.Items = append(b.cost.Items, line)
}

func (b *bill) total() result.SizingCost {
	b.cost.PerMonth = b.cost.PerHour * hoursPerMonth
	return b.cost
}

// provisioned is the bill of a pipeline with shards.
func (b *bill) provisioned(h *hourly, packed bool) {
	c := &b.cost.SizingConfig
	units := h.units
	if packed {
		units = h.packed
	}
	b.add("input, shards", price.ShardHour, float64(c.Shards), "%s", plural(c.Shards, "shard"))
	b.add("input, puts", price.PutUnit, units, "%s payload units an hour", thousands(int64(units)))
	b.rest(h)
}

// rest is the bill of what is behind the input.
func (b *bill) rest(h *hourly) {
	c := &b.cost.SizingConfig
	b.add("aggregator", price.ProcessingHour, float64(c.Parallelism+1), "(%d KPU + 1 that orchestrates)", c.Parallelism)
	if c.OutputShards > 0 {
		units := h.rows * math.Ceil(h.rowBytes/payloadUnit)
		b.add("output, shards", price.ShardHour, float64(c.OutputShards), "%s", plural(c.OutputShards, "shard"))
		b.add("output, puts", price.PutUnit, units, "%s payload units an hour", thousands(int64(units)))
	}
	if c.WriteCapacity > 0 {
		b.add("table, capacity", price.WriteUnitHour, float64(c.WriteCapacity), "%s write units", thousands(int64(c.WriteCapacity)))
	} else {
		b.add("table, on-demand", price.WriteRequestUnit, h.writes, "%s write units an hour", thousands(int64(h.writes)))
	}
}

// onDemand is the bill of a pipeline whose input is an on-demand stream.
func (b *bill) onDemand(h *hourly) {
	b.add("input, stream", price.OnDemandHour, 1, "1 stream")
	b.add("input, in", price.OnDemandIn, h.onDemand/gigabyte, "%.3g GB an hour, each record rounded up to 1 KiB", h.onDemand/gigabyte)
	b.add("input, out", price.OnDemandOut, h.out/gigabyte, "%.3g GB an hour", h.out/gigabyte)
	b.rest(h)
}

// price says what the answer costs, and what it would cost otherwise.
func (s *search) price(ctx context.Context, c Configuration) error {
	if s.config.Prices == nil {
		return nil
	}
	t, err := s.predictor.trace(ctx, c.Load)
	if err != nil {
		return err
	}
	h := hourlyOf(t, s.scenario)
	list := s.config.Prices
	costs := &result.SizingCosts{Region: list.Region, Dated: list.Read}
	answer := newBill(list, "provisioned", c)
	if s.model.packed() {
		answer.cost.Name = "provisioned, packed"
	}
	answer.provisioned(&h, s.model.packed())
	found, err := s.predictor.at(ctx, c)
	if err != nil {
		return err
	}
	answer.cost.Holds = &found.Holds
	costs.Options = append(costs.Options, answer.total())
	if !s.model.packed() {
		packed, err := s.packedOption(ctx, c, &h)
		if err != nil {
			return err
		}
		costs.Options = append(costs.Options, packed)
	}
	onDemand := newBill(list, "on-demand input", c)
	onDemand.onDemand(&h)
	onDemand.cost.Shards = 0
	costs.Options = append(costs.Options, onDemand.total())
	costs.Notes = s.costNotes(costs.Options)
	s.sizing.Costs = costs
	return nil
}

// packedOption is the bill of the same pipeline with records packed as the KPL does it, and as few shards as a simulation says that it then takes.
func (s *search) packedOption(ctx context.Context, c Configuration, h *hourly) (result.SizingCost, error) {
	packed := *s.scenario
	packed.Pipeline.Input.Packing = scenarios.KPLPacking
	p := &predictor{scenario: &packed, machine: s.predictor.machine, load: s.predictor.load, traces: s.predictor.traces, totals: make(map[float64]*trace.Totals), known: make(map[Configuration]*prediction)}
	found, err := p.at(ctx, c)
	if err != nil {
		return result.SizingCost{}, err
	}
	holds := found.Holds
	if holds {
		m := newModel(s.model.trace, &packed, s.config.Headroom, p.machine, s.model.recorded)
		if err := p.lower(ctx, &c, &sought(&packed, []scenarios.Sought{scenarios.SoughtShards})[0], min(c.Shards, m.least(scenarios.SoughtShards, false))); err != nil {
			return result.SizingCost{}, err
		}
	}
	s.predictor.simulated += p.simulated
	b := newBill(s.config.Prices, "packed as the KPL does it", c)
	b.provisioned(h, true)
	b.cost.Holds = &holds
	return b.total(), nil
}

// costNotes says what the sums are of, and which is the least of what holds.
func (s *search) costNotes(options []result.SizingCost) []string {
	notes := []string{"at the load's mean rate, around the clock; 730 hours a month; USD before tax, without data transfer, Lambda and storage"}
	cheapest := 0
	for i := range options {
		if o := &options[i]; o.Holds != nil && *o.Holds && o.PerHour < options[cheapest].PerHour {
			cheapest = i
		}
	}
	ofInput := func(name string) bool { return strings.HasPrefix(name, "input,") }
	if !slices.ContainsFunc(options[cheapest].Unknown, ofInput) { // in which the ways differ
		notes = append(notes, fmt.Sprintf("the cheapest that holds is %s: %s, %.4g USD an hour", options[cheapest].Name, Describe(options[cheapest].SizingConfig), options[cheapest].PerHour))
	}
	if len(options[0].Unknown) > 0 {
		notes = append(notes, "what has no known price is in no sum")
	}
	return append(notes, "whether an on-demand stream keeps up with how fast the load grows is not simulated")
}

// hourlyCost is what a configuration costs, nil where no prices were asked for, or one of them is not known: a sum without it would have what it is the
// price of for nothing.
func (s *search) hourlyCost(c Configuration, h *hourly) *float64 {
	if s.config.Prices == nil {
		return nil
	}
	b := newBill(s.config.Prices, "", c)
	b.provisioned(h, s.model.packed())
	if len(b.cost.Unknown) > 0 {
		return nil
	}
	return new(b.cost.PerHour)
}
