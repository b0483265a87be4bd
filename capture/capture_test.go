package capture

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weir/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var whole = record.Shard{ID: "shardId-000000000000", End: record.HashKey{Hi: ^uint64(0), Lo: ^uint64(0)}}

// page is a source of one shard, which holds what it is made with.
type page []record.Stored

func (page) Shards(context.Context) ([]record.Shard, error) { return []record.Shard{whole}, nil }

func (p page) Read(ctx context.Context, shard record.Shard, from record.Position, to record.Receiver) error {
	left := []record.Stored(p)
	for len(left) > 0 && from.Kind == record.AfterSequence && record.CompareSequence(numberOf(left[0].Sequence), from.Sequence) <= 0 {
		left = left[1:]
	}
	if err := to.Take(ctx, record.Page{Shard: shard.ID, Records: left}); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func run(t *testing.T, c Config) (Counts, []record.Captured) {
	t.Helper()
	folder := c.Store.(Folder)
	c.UntilTip = true
	counts, err := New(c).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(string(folder), "*.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var all []record.Captured
	for _, name := range files {
		for line := range strings.Lines(unzip(t, name)) {
			one, err := record.ParseCaptured([]byte(strings.TrimSpace(line)))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, one)
		}
	}
	return counts, all
}

func TestACaptureGoesOnWhereItWas(t *testing.T) {
	folder := Folder(filepath.Join(t.TempDir(), "new", "folder"))
	records := page{
		{Sequence: "1", PartitionKey: "a", Data: []byte(`{"n":1}`), Arrived: 1000},
		{Sequence: "2/0", PartitionKey: "b", ExplicitHashKey: "7", Data: []byte("no json"), Arrived: 2000},
	}
	if counts, all := run(t, Config{Source: records, Stream: "s", Store: folder}); counts.Records != 2 || counts.Files != 1 || len(all) != 2 || all[1].ExplicitHashKey != "7" || all[1].Arrived != 2000 {
		t.Errorf("%+v %+v", counts, all)
	}
	// A file that was written and has no checkpoint behind it is written anew.
	if err := os.WriteFile(filepath.Join(string(folder), "00000002.ndjson.gz"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	records = append(records, record.Stored{Sequence: "3", PartitionKey: "c", Data: []byte(`{"n":3}`), Arrived: 3000})
	if counts, all := run(t, Config{Source: records, Stream: "s", Store: folder}); counts.Records != 3 || counts.Files != 2 || len(all) != 3 || all[2].Sequence != "3" {
		t.Errorf("%+v %+v", counts, all)
	}
}

// asked is a source that holds nothing, and tells from where it is read.
type asked chan record.Position

func (asked) Shards(context.Context) ([]record.Shard, error) { return []record.Shard{whole}, nil }

func (a asked) Read(ctx context.Context, _ record.Shard, from record.Position, _ record.Receiver) error {
	a <- from
	<-ctx.Done()
	return ctx.Err()
}

func TestACaptureThatEndedBeforeItsFirstFileGoesOnFromWhereItBegan(t *testing.T) {
	for _, begin := range []record.Position{{Kind: record.Latest}, {}, {Kind: record.AtTimestamp, Timestamp: time.Unix(1357020000, 0).UTC()}} {
		folder, positions := Folder(t.TempDir()), make(asked, 1)
		from := func(p record.Position) record.Position {
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := New(Config{Source: positions, Stream: "s", Store: folder, From: p}).Run(ctx)
				done <- err
			}()
			got := <-positions
			for found := []byte(nil); found == nil; { // the first checkpoint
				found, _ = folder.Load(t.Context(), checkpointName)
			}
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
			return got
		}
		before := time.Now()
		if got := from(begin); got != begin {
			t.Errorf("it begins at %+v, and not at %+v", got, begin)
		}
		again := from(record.Position{Kind: record.Latest}) // as where the command is given without --from
		if begin.Kind == record.Latest {
			if again.Kind != record.AtTimestamp || again.Timestamp.Before(before) || again.Timestamp.After(time.Now()) {
				t.Errorf("it goes on at %+v", again)
			}
		} else if again != begin {
			t.Errorf("it goes on at %+v, and not at %+v", again, begin)
		}
	}
}

// In a folder the first holds the place; that it has ended, however, gives it back.
func TestAFolderHasOneCaptureAtATime(t *testing.T) {
	folder, positions := Folder(t.TempDir()), make(asked, 1)
	ctx, stop := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := New(Config{Source: positions, Stream: "s", Store: folder}).Run(ctx)
		first <- err
	}()
	<-positions
	if _, err := New(Config{Source: page{}, Stream: "s", Store: folder, UntilTip: true}).Run(t.Context()); !errors.Is(err, ErrTaken) {
		t.Errorf("the second ends with %v", err)
	}
	stop()
	if err := <-first; err != nil {
		t.Error(err)
	}
	if _, err := New(Config{Source: page{}, Stream: "s", Store: folder, UntilTip: true}).Run(t.Context()); err != nil {
		t.Errorf("the third ends with %v", err)
	}
}

func TestThePlaceOfSomethingElseIsRefused(t *testing.T) {
	folder := Folder(t.TempDir())
	run(t, Config{Source: page{{Sequence: "1", PartitionKey: "a", Data: []byte(`{}`)}}, Stream: "s", Store: folder})
	if _, err := New(Config{Source: page{}, Stream: "other", Store: folder, UntilTip: true}).Run(t.Context()); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), "a capture of stream s") {
		t.Error(err)
	}
	for _, name := range []string{"thesis.tex", "00000001.ndjson.gz"} { // the latter of a capture whose checkpoint was left behind
		other := t.TempDir()
		if err := os.WriteFile(filepath.Join(other, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Config{Source: page{}, Stream: "s", Store: Folder(other), UntilTip: true}).Run(t.Context()); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), name) {
			t.Error(err)
		}
	}
}

// ending is a store whose capture is told to end when a file becomes whole, and which then does what it does as the context and failure say.
type ending struct {
	Folder
	end     func()
	failure error
	ended   bool
}

type endingFile struct {
	Writing
	store *ending
}

func (e *ending) Begin(name string) (Writing, error) {
	to, err := e.Folder.Begin(name)
	return &endingFile{to, e}, err
}

func (f *endingFile) Commit(ctx context.Context) error {
	f.store.end()
	f.store.ended = true
	return errors.Join(ctx.Err(), f.Writing.Commit(ctx))
}

func (e *ending) Checkpoint(ctx context.Context, content []byte) error {
	if e.ended && e.failure != nil {
		return e.failure
	}
	return errors.Join(ctx.Err(), e.Folder.Checkpoint(ctx, content))
}

func TestACaptureThatIsToldToEndPutsItsCheckpointBehindItsFileOrSaysThatItCouldNot(t *testing.T) {
	for _, failure := range []error{nil, errors.New("disk full")} {
		ctx, cancel := context.WithCancel(t.Context())
		store := &ending{Folder: Folder(t.TempDir()), end: cancel, failure: failure}
		records := page{{Sequence: "1", PartitionKey: "a", Data: []byte("{}")}}
		_, err := New(Config{Source: records, Stream: "s", Store: store, FileBytes: 1}).Run(ctx)
		if !errors.Is(err, failure) {
			t.Errorf("it ends with %v, and not with %v", err, failure)
		}
		var found checkpoint
		text, err := store.Load(t.Context(), checkpointName)
		if err == nil {
			err = found.parse(text)
		}
		if err != nil || failure == nil && found.Records != 1 {
			t.Errorf("%+v: %v", found, err)
		}
	}
}

func TestPseudonymsHideWhatTheyNameAndKeepTheRest(t *testing.T) {
	key := []byte("a key of thirty-two bytes, or so")
	pseudonyms, err := NewPseudonyms(key, []string{"user", "card.number", "absent"})
	if err != nil {
		t.Fatal(err)
	}
	folder := Folder(t.TempDir())
	counts, all := run(t, Config{Stream: "s", Store: folder, Pseudonyms: pseudonyms, Source: page{
		{Sequence: "1", PartitionKey: "ann", Data: []byte(`{ "user":"ann", "card": {"number": 4111, "kind":"x"}, "sum": 1.50 }`)},
		{Sequence: "2", PartitionKey: "bob", Data: []byte(`{"card":{"number":4111},"user":"bob"}`)},
		{Sequence: "3", PartitionKey: "ann", Data: []byte(`user=ann`)},
		{Sequence: "4", PartitionKey: "x", Data: []byte(`{"user":"ann"}`)},
		{Sequence: "5", PartitionKey: "x", Data: []byte(`{"user":"ann","user":"eve"}`)},
		{Sequence: "6", PartitionKey: "x", Data: []byte(`{"card":{"number":4111},"card":{}}`)},
		{Sequence: "7", PartitionKey: "x", Data: []byte(`{"user":"ann","card":[{"number":4111}]}`)},
	}})
	if counts.Records != 3 || counts.Withheld != 4 || counts.Sample == nil || counts.Sample.Sequence != "3" || !slices.Equal(counts.Absent, []string{"absent"}) {
		t.Errorf("%+v", counts)
	}
	var text strings.Builder
	for _, c := range all {
		text.Write(c.Append(nil))
	}
	for _, secret := range []string{"ann", "bob", "4111"} {
		if strings.Contains(text.String(), secret) {
			t.Errorf("%s is there: %s", secret, &text)
		}
	}
	var first, second, third struct {
		User string
		Card struct{ Number int64 }
	}
	for i, to := range []any{&first, &second, &third} {
		if err := json.Unmarshal(all[i].Data, to); err != nil {
			t.Fatal(err)
		}
	}
	if first.Card.Number != second.Card.Number || first.User != third.User || first.User == second.User || all[0].PartitionKey != first.User {
		t.Errorf("aliases are not those of their values: %s", &text)
	}
	if want := `{ "user":"` + first.User + `", "card": {"number": `; !strings.HasPrefix(string(all[0].Data), want) || !strings.HasSuffix(string(all[0].Data), `, "kind":"x"}, "sum": 1.50 }`) {
		t.Errorf("the rest is not as it was: %s", all[0].Data)
	}
	other, err := NewPseudonyms([]byte(strings.ToUpper(string(key))), []string{"user"})
	if err != nil {
		t.Fatal(err)
	}
	if other.alias("ann") == first.User {
		t.Error("another key gives the same alias")
	}
}

func TestAnAliasKeepsItsRecordInItsShard(t *testing.T) {
	pseudonyms, err := NewPseudonyms([]byte("a key of thirty-two bytes, or so"), []string{"user"})
	if err != nil {
		t.Fatal(err)
	}
	shard := record.Shard{ID: "s", Start: record.HashKey{Hi: 7}, End: record.HashKey{Hi: 7, Lo: 9}}
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		c := record.Captured{PartitionKey: key, Data: []byte(`{}`)}
		if !pseudonyms.hide(&c, &shard) {
			t.Fatal("withheld")
		}
		if at, err := record.ParseHashKey(c.ExplicitHashKey); err != nil || !shard.Holds(at) {
			t.Errorf("%s falls at %s: %v", key, c.ExplicitHashKey, err)
		}
	}
}

// A producer's explicit hash key is not told: what shows that there was one is a record in a shard that its partition key does not fall into.
func TestARecordThatItsKeyWouldNotBringToItsShardHasAHashKeyOfIt(t *testing.T) {
	shard := record.Shard{ID: "s", Start: record.HashKey{Lo: 5}, End: record.HashKey{Lo: 9}}
	f := &file{}
	f.gzip = discard()
	if err := f.add(&shard, &record.Stored{Sequence: "1", PartitionKey: "k", Data: []byte("{}")}, nil); err != nil {
		t.Fatal(err)
	}
	c, err := record.ParseCaptured(f.line)
	if err != nil || c.ExplicitHashKey != "5" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestAliasesThatCannotBeAreRefused(t *testing.T) {
	if _, err := NewPseudonyms([]byte("short"), []string{"user"}); err == nil {
		t.Error("a short key is taken")
	}
	if _, err := NewPseudonyms(make([]byte, 32), []string{"card.number", "x", "card"}); err == nil || !strings.Contains(err.Error(), `"card.number" is in "card"`) {
		t.Errorf("a field and one in it: %v", err)
	}
}

// lines are what a capture passes on, a write each.
type lines []string

func (l *lines) Write(p []byte) (int, error) {
	*l = append(*l, string(p))
	return len(p), nil
}

// Of an idle stream there are only such pages, and bufio takes a reader for broken that gives nothing a hundred times.
func TestAPageWithoutRecordsPassesNothingOn(t *testing.T) {
	for _, source := range []page{nil, {{Sequence: "1", PartitionKey: "a", Data: []byte("{}")}}} {
		var got lines
		counts, err := New(Config{Source: source, Stream: "s", Lines: &got, UntilTip: true}).Run(t.Context())
		if err != nil || len(got) != len(source) || counts.Records != int64(len(source)) {
			t.Errorf("%d records: %q, %+v: %v", len(source), got, counts, err)
		}
	}
}
