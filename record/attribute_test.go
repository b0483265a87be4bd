package record

import (
	"errors"
	"testing"
)

// TestNumbersInStringsAndInAttributes reads values as producers, and change records of a table, write them.
func TestNumbersInStringsAndInAttributes(t *testing.T) {
	d := mustDecoder(t, Fields{Kind: "k", EventTime: "t", Value: "v", Key: []string{"key"}})
	for data, want := range map[string]Event{
		`{"t":1,"v":"1.50"}`:                                              {Time: 1, Value: "1.50"},
		`{"t":"1","v":"-1e3"}`:                                            {Time: 1, Value: "-1e3"},
		`{"t":{"N":"1"},"v":{"N":"1.5"},"key":{"S":"a"}}`:                 {Time: 1, Value: "1.5", Key: "a"},
		`{"t":1,"v": { "N" : "7" } ,"key":{"N":"7"}}`:                     {Time: 1, Value: "7", Key: "7"},
		`{"t":1,"k":{"S":"\u00fc"},"key":{"BOOL":true}}`:                  {Time: 1, Kind: "ü", Key: "true"},
		`{"t":1,"v":{"NULL":true},"key":{"NULL":true}}`:                   {Time: 1},
		`{"t":{"S":"1970-01-01T00:00:01Z"},"v":{"N":"0"}}`:                {Time: 1000, Value: "0"},
		`{"t":1,"v":{"N":"1","S":"1"}}`:                                   {Time: 1, Unreadable: true},
		`{"t":1,"v":{"N":1}}`:                                             {Time: 1, Unreadable: true},
		`{"t":1,"v":{"L":[]}}`:                                            {Time: 1, Unreadable: true},
		`{"t":1,"v":{}}`:                                                  {Time: 1, Unreadable: true},
		`{"t":1,"v":"","key":"k"}`:                                        {Time: 1, Unreadable: true},
		`{"t":1,"v":"` + "123456789012345678901234567890123456789" + `"}`: {Time: 1, Unreadable: true},
	} {
		var got Decoded
		err := d.Decode([]byte(data), &got)
		if got.Event != want || (err != nil) != want.Unreadable || err != nil && !errors.Is(err, ErrBadValue) {
			t.Errorf("%s: %+v, %v", data, got.Event, err)
		}
	}
}

func TestAPathGoesIntoAnArrayByNumbers(t *testing.T) {
	d := mustDecoder(t, Fields{EventTime: "e.1.t", Value: "e.0", Key: []string{"m.1.0", "o.2"}})
	var got Decoded
	if err := d.Decode([]byte(`{"e":[3,{"t":5}],"m":[[1],["x","y"]],"o":{"2":"named"}}`), &got); err != nil || got.Event != (Event{Time: 5, Value: "3", Key: "x|named"}) {
		t.Errorf("%+v, %v", got.Event, err)
	}
	if err := d.Decode([]byte(`{"e":[3]}`), &got); !errors.Is(err, ErrNoEventTime) {
		t.Errorf("%+v, %v", got.Event, err)
	}
}
