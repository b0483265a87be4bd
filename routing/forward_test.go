package routing

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"weir/record"
)

type putter struct {
	records []record.Record
	err     error
}

func (p *putter) Put(_ context.Context, records []record.Record) error {
	p.records = append(p.records, records...)
	return p.err
}

func TestForwardPutsARowAsOneRecord(t *testing.T) {
	rows := rowsOf("arrival", `a\|b|c`, "flushed")
	rows[1].Flushed = true
	p := new(putter)
	if err := NewForward(p).Emit(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	want := record.Record{
		PartitionKey: `arrival|a\|b|c`, Due: time.Second,
		Data: []byte(`{"kind":"arrival","key":["a|b","c"],"window_start":"1970-01-01T01:00:00Z",` +
			`"window_end":"1970-01-01T02:00:00Z","count":2,"sum":-1.5,"min":-2,"max":0.5}`),
		Event: record.Event{Kind: "arrival", Key: `a\|b|c`, Time: 3_600_000},
	}
	if diff := cmp.Diff(want, p.records[0]); diff != "" {
		t.Error(diff)
	}
	if p.records[1].Due != record.NoDue {
		t.Errorf("a flushed row is due at %s", p.records[1].Due)
	}
	var back record.Row
	if err := json.Unmarshal(p.records[0].Data, &back); err != nil || back != rows[0].Row {
		t.Errorf("%v: %+v came back", err, back)
	}
}

func TestForwardHandsOnThePuttersError(t *testing.T) {
	full := errors.New("full")
	if err := NewForward(&putter{err: full}).Emit(t.Context(), rowsOf("k", "a")); !errors.Is(err, full) {
		t.Error(err)
	}
}

func TestPartitionKeyFitsAndKeepsKeysApart(t *testing.T) {
	long := strings.Repeat("é", 254)
	for _, c := range []struct {
		key   string
		plain bool
	}{{"a", true}, {"", true}, {long, true}, {long + "x", false}, {strings.Repeat("x", 1000), false}, {long + "\xff\xfe", false}} {
		got := PartitionKey(record.RowID{Kind: "k", Key: c.key})
		if plain := got == "k|"+c.key; plain != c.plain {
			t.Errorf("%.20q…: %q", c.key, got)
		}
		if n := utf8.RuneCountInString(got); n > 256 || !c.plain && n != 256 {
			t.Errorf("%.20q…: %d characters", c.key, n)
		}
	}
	a := PartitionKey(record.RowID{Kind: "k", Key: long + "a"})
	b := PartitionKey(record.RowID{Kind: "k", Key: long + "b"})
	if a == b {
		t.Errorf("two keys share %q", a)
	}
}
