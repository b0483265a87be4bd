package attribute

import "weir/internal/localaws/wire"

// Given is a map of attribute values as a request gives it: an item, a key, or the values of an expression. A request
// whose JSON has the right shape is read to its end whatever its values are, since DynamoDB tells a wrong shape
// (SerializationException) from a wrong value (ValidationException), and looks at values after other things.
type Given struct {
	values Map // nil where the request gives none
	// name and problem are of the first attribute whose value DynamoDB does not accept.
	name    string
	problem error
}

// Map is the values, nil where none were given; or the reason, in AWS's words, why one of them is not accepted.
func (g Given) Map() (Map, error) { return g.values, g.problem }

// Absent says that the request gives no map.
func (g Given) Absent() bool { return g.values == nil }

// Problem names the attribute whose value is not accepted, and says why; nil if there is none.
func (g Given) Problem() (name string, err error) { return g.name, g.problem }

// UnmarshalJSON reads a map from its JSON. It fails, with a SerializationException, only where the JSON has the wrong
// shape.
func (g *Given) UnmarshalJSON(data []byte) error {
	if err := g.read(data); err != nil {
		return wire.NewError("SerializationException", "%s", err)
	}
	return nil
}

func (g *Given) read(data []byte) error {
	d := decoder{jsonReader: jsonReader{data: data}}
	if err := g.take(&d); err != nil {
		return err
	}
	return d.end()
}

// TakeJSON reads a map that a text begins with, and says how long that is. It says false where UnmarshalJSON fails.
func (g *Given) TakeJSON(text []byte) (length int, ok bool) {
	d := decoder{jsonReader: jsonReader{data: text}}
	ok = g.take(&d) == nil
	return d.at, ok
}

func (g *Given) take(d *decoder) error {
	if d.null() {
		*g = Given{}
		return nil
	}
	values := Map{}
	name, problem := "", error(nil)
	err := d.object(func(attribute string) error {
		d.named(attribute)
		v, err := d.value(1)
		values[attribute] = v
		if problem == nil && d.problem != nil {
			name, problem = attribute, d.problem
		}
		return err
	})
	if err != nil {
		return err
	}
	*g = Given{values: values, name: name, problem: problem}
	return nil
}

// end refuses what stands behind what was read.
func (r *jsonReader) end() error {
	if r.space(); r.at != len(r.data) {
		return r.unexpected()
	}
	return nil
}

// MarshalJSON writes the values.
func (g Given) MarshalJSON() ([]byte, error) {
	if g.values == nil {
		return []byte("null"), nil
	}
	return g.values.MarshalJSON()
}

// GivenValue is a single attribute value as a request gives it; see [Given].
type GivenValue struct {
	value   Value // nil where the request gives none
	problem error
}

// Given says that the request gives the value.
func (g GivenValue) Given() bool { return g.value != nil }

// Value is the value, nil where none was given; or the reason, in AWS's words, why it is not accepted.
func (g GivenValue) Value() (Value, error) { return g.value, g.problem }

// UnmarshalJSON reads a value from its JSON. It fails, with a SerializationException, only where the JSON has the wrong shape.
func (g *GivenValue) UnmarshalJSON(data []byte) error {
	d := decoder{jsonReader: jsonReader{data: data}}
	if d.null() {
		*g = GivenValue{}
		return nil
	}
	value, err := d.value(1)
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return wire.NewError("SerializationException", "%s", err)
	}
	*g = GivenValue{value, d.problem}
	return nil
}
