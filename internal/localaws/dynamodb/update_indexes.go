package dynamodb

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// indexUpdate has one member.
type indexUpdate struct {
	Create *indexInput
	Update *indexCapacity
	Delete *struct{ IndexName string }
}

// indexCapacity is the throughput that an index is to have.
type indexCapacity struct {
	IndexName             string
	ProvisionedThroughput *throughput

	OnDemandThroughput, WarmThroughput unserved
}

func (in *updateTableInput) checkIndexUpdates() error {
	structural := 0
	for _, u := range in.GlobalSecondaryIndexUpdates {
		switch {
		case u.Create == nil && u.Update == nil && u.Delete == nil:
			return invalid("One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Delete must not be null")
		case u.Create != nil || u.Delete != nil:
			structural++
		}
		if err := u.Update.check(); err != nil {
			return err
		}
	}
	if structural > 1 {
		return &failure{code: "LimitExceededException", message: "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"}
	}
	return nil
}

func (c *indexCapacity) check() error {
	if c == nil {
		return nil
	}
	if err := refuse(parameter{"OnDemandThroughput", c.OnDemandThroughput}, parameter{"WarmThroughput", c.WarmThroughput}); err != nil {
		return err
	}
	if c.ProvisionedThroughput == nil {
		return invalid("No provisioned throughput specified for the global secondary index")
	}
	return c.ProvisionedThroughput.check("globalSecondaryIndexUpdates.")
}

// indexPlan is what becomes of a table's indexes: found out before anything is changed.
type indexPlan struct {
	indexes  []*index
	deleted  *index // nil for none
	settled  time.Time
	given    map[*index]*throughput // by the request
	capacity map[*index]throughput  // that the global ones are to have
}

// plan is what a request makes of the table's indexes, and of its attribute definitions; a new index holds what the table does.
func (in *updateTableInput) plan(t *table, d *tableDescription, settled time.Time) (*indexPlan, error) {
	p := &indexPlan{indexes: slices.Clone(t.indexes), settled: settled, given: make(map[*index]*throughput), capacity: make(map[*index]throughput)}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if err := p.add(in, u, t, d); err != nil {
			return nil, err
		}
	}
	for _, x := range p.indexes {
		if !x.global || x == p.deleted {
			continue
		}
		capacity, err := x.newThroughput(p.given[x], d.onDemand())
		if err != nil {
			return nil, err
		}
		p.capacity[x] = capacity
	}
	return p, nil
}

func (p *indexPlan) add(in *updateTableInput, u indexUpdate, t *table, d *tableDescription) (err error) {
	switch {
	case u.Create != nil:
		var x *index
		if x, err = in.create(t, d, u.Create, p.settled); err == nil {
			p.indexes = append(p.indexes, x)
			p.given[x] = u.Create.ProvisionedThroughput
		}
	case u.Delete != nil:
		if p.deleted = p.global(u.Delete.IndexName); p.deleted == nil {
			err = notFound("Requested resource not found")
		}
	default:
		x := p.global(u.Update.IndexName)
		if x == nil {
			return invalid("Invalid global secondary index name")
		}
		p.given[x] = u.Update.ProvisionedThroughput
	}
	return err
}

// global is a global index by its name, nil for none.
func (p *indexPlan) global(name string) *index {
	i := slices.IndexFunc(p.indexes, func(x *index) bool { return x.global && x.name == name })
	if i < 0 {
		return nil
	}
	return p.indexes[i]
}

// newThroughput is that of an index in a table of a billing mode: what is given for it, or what it has.
func (x *index) newThroughput(given *throughput, onDemand bool) (throughput, error) {
	switch {
	case onDemand && given != nil:
		return throughput{}, noIndexThroughput(x.name)
	case onDemand:
		return throughput{}, nil
	case given != nil:
		return *given, nil
	case x.throughput == throughput{}:
		return throughput{}, someIndexThroughput(x.name)
	}
	return x.throughput, nil
}

// carryOut does it. The table's lock is held.
func (p *indexPlan) carryOut(t *table) {
	t.indexes = p.indexes
	if p.deleted != nil {
		p.deleted.deleted = p.settled
	}
	for x, capacity := range p.capacity {
		x.throughput = capacity
	}
}

func (in *updateTableInput) create(t *table, d *tableDescription, asked *indexInput, settled time.Time) (*index, error) {
	if err := asked.check(d.onDemand(), true); err != nil {
		return nil, err
	}
	global := 0
	for _, x := range t.indexes {
		if x.name == asked.IndexName {
			return nil, invalid("One or more parameter values were invalid: Attempting to create an index which already exists: %s", x.name)
		}
		if x.global {
			global++
		}
	}
	if global >= mostGlobalIndexes {
		return nil, &failure{code: "LimitExceededException", message: fmt.Sprintf("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d", mostGlobalIndexes)}
	}
	types, err := in.mergedTypes(t, d)
	if err != nil {
		return nil, err
	}
	keys, err := types.schema(asked.KeySchema)
	if err != nil {
		return nil, err
	}
	x := t.newIndex(asked, true, keys, settled)
	t.fill(x)
	return x, nil
}

// mergedTypes are the types of the table's keys, with those that the request defines, which become the description's.
func (in *updateTableInput) mergedTypes(t *table, d *tableDescription) (definedTypes, error) {
	types, err := attributeTypes(t.description.AttributeDefinitions)
	if err != nil {
		return nil, err
	}
	given, err := attributeTypes(in.AttributeDefinitions)
	if err != nil {
		return nil, err
	}
	definitions := slices.Clone(t.description.AttributeDefinitions)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if kind, known := types[name]; known && kind != given[name] {
			return nil, invalid("One or more parameter values were invalid: The attribute %s is defined as %s, and is %s", name, given[name], kind)
		}
		if _, known := types[name]; !known {
			definitions = append(definitions, attributeDefinition{name, given[name]})
		}
		types[name] = given[name]
	}
	d.AttributeDefinitions = definitions
	return types, nil
}
