package oracle

import (
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"weir/record"
)

func TestASumBeyond38DigitsIsExpectedToBeAbsent(t *testing.T) {
	o := New(Config{Window: time.Second, Shards: 1})
	for i, value := range []string{"1e30", "1e-30"} {
		event := record.Event{Kind: "k", Key: "a", Value: value}
		o.Add("s", []record.Send{{Record: record.Record{Event: event}, Sequence: strconv.Itoa(i)}})
	}
	row := record.Row{RowID: record.RowID{Kind: "k", Key: "a"}, WindowEnd: 1000, Count: 2, Min: "0." + strings.Repeat("0", 29) + "1", Max: "1" + strings.Repeat("0", 30)}
	if c := o.Compare([]record.Row{row}, Proof{}); c.Matched != 1 || c.Expected != 1 {
		t.Errorf("%+v", c)
	}
}

func TestALateRecordDoesNotKeepTheAnswerItCameIn(t *testing.T) {
	answer := strings.Repeat("49", 1<<20)
	o := New(Config{Window: time.Second, Shards: 1})
	o.Late(record.Late{ID: record.ID{Shard: "s", Sequence: answer[:56]}})
	for id := range o.late {
		if unsafe.StringData(id.Sequence) == unsafe.StringData(answer) {
			t.Error("the sequence number is a part of it")
		}
	}
}

func TestADuplicateThatComesLateIsNoFault(t *testing.T) {
	o := New(Config{Window: time.Second, Shards: 1})
	o.Add("s", []record.Send{{Record: record.Record{Event: record.Event{Kind: "k", Key: "a"}}, Sequence: "1"}})
	o.Late(record.Late{ID: record.ID{Shard: "s", Sequence: "2"}, Over: 1000, Dropped: true})
	row := record.Row{RowID: record.RowID{Kind: "k", Key: "a"}, WindowEnd: 1000, Count: 1}
	if c := o.Compare([]record.Row{row}, Proof{Strays: 1}); c.FalseLate != 0 || c.Matched != 1 {
		t.Errorf("%+v", c)
	}
	if c := o.Compare([]record.Row{row}, Proof{}); c.FalseLate != 1 {
		t.Errorf("without strays: %+v", c)
	}
}
