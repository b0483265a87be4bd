// Package price says what AWS takes for the parts of a pipeline: list prices from a dated file, each with its source. A price that nobody has read is
// unknown, which is never zero.
package price

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

//go:embed prices.json
var shipped string

// The items that have a price.
const (
	ShardHour         = "kinesis.shard_hour"
	PutUnit           = "kinesis.put_unit"
	OnDemandHour      = "kinesis.on_demand.stream_hour"
	OnDemandIn        = "kinesis.on_demand.gb_in"
	OnDemandOut       = "kinesis.on_demand.gb_out"
	ProcessingHour    = "flink.kpu_hour"
	WriteUnitHour     = "dynamodb.write_unit_hour"
	WriteRequestUnit  = "dynamodb.write_request_unit"
	HandlerInvocation = "lambda.request"
)

// items are all of them, so that a file with a name that means nothing is refused.
var items = []string{ShardHour, PutUnit, OnDemandHour, OnDemandIn, OnDemandOut, ProcessingHour, WriteUnitHour, WriteRequestUnit, HandlerInvocation}

// Price is one of the file. USD is nil where it is not known.
type Price struct {
	Item   string   `json:"item"`
	Unit   string   `json:"unit"`
	Region string   `json:"region"`
	USD    *float64 `json:"usd"`
	// Dated is when the source had it: a year with its month, or a day.
	Dated  string `json:"dated"`
	Source string `json:"source"`
}

// file is a price file.
type file struct {
	About  string  `json:"about"`
	Read   string  `json:"read"`
	Prices []Price `json:"prices"`
}

// List is the prices of one region.
type List struct {
	Region string
	// Read is when the file was put together.
	Read   string
	prices map[string]Price
}

// ErrNoRegion is the error of a region of which a file has no price.
var ErrNoRegion = errors.New("there are no prices")

// Shipped are the prices that come with weir.
func Shipped(region string) (*List, error) { return Read(strings.NewReader(shipped), region) }

// Read reads the prices of a region from a price file. A mistake in the file is an error that names it: an item that means nothing, one that is there
// twice, a price below zero, or without a date or a source.
func Read(r io.Reader, region string) (*List, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	var f file
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("prices: %w", err)
	}
	l := &List{Region: region, Read: f.Read, prices: make(map[string]Price)}
	regions := make(map[string]bool)
	for i := range f.Prices {
		p := &f.Prices[i]
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("prices[%d]: %w", i, err)
		}
		regions[p.Region] = true
		if p.Region != region {
			continue
		}
		if _, twice := l.prices[p.Item]; twice {
			return nil, fmt.Errorf("prices[%d]: %s has a price of %s already", i, region, p.Item)
		}
		l.prices[p.Item] = *p
	}
	if len(l.prices) == 0 {
		return nil, fmt.Errorf("%w of %s: there are some of %s", ErrNoRegion, region, strings.Join(slices.Sorted(maps.Keys(regions)), ", "))
	}
	return l, nil
}

func (p *Price) check() error {
	switch {
	case !slices.Contains(items, p.Item):
		return fmt.Errorf("%q is no item: there are %s", p.Item, strings.Join(items, ", "))
	case p.Region == "":
		return fmt.Errorf("%s has no region", p.Item)
	case p.USD != nil && *p.USD < 0:
		return fmt.Errorf("%s costs %v", p.Item, *p.USD)
	case p.Dated == "" || p.Source == "":
		return fmt.Errorf("%s has no date or no source", p.Item)
	}
	return nil
}

// Of is the price of an item, nil where it is not known.
func (l *List) Of(item string) *float64 { return l.prices[item].USD }

// Lookup is all that is known of an item; ok is false where the file does not name it.
func (l *List) Lookup(item string) (p Price, ok bool) {
	p, ok = l.prices[item]
	return p, ok
}
