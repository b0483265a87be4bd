package harness_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"weir/capture"
	"weir/harness"
	"weir/internal/awsclient"
	"weir/internal/localaws"
	"weir/record"
	"weir/scenarios"
	"weir/stream"
)

// contents are what a stream holds, or a capture of it: by shard, in the shard's order.
type contents map[string][]string

func (c contents) add(shard, sequence, key string, data []byte) {
	c[shard] = append(c[shard], sequence+" "+key+" "+string(data))
}

// withoutSequences is what each shard holds, whatever the sequence numbers.
func (c contents) withoutSequences() (all [][]string) {
	for _, shard := range slices.Sorted(maps.Keys(c)) {
		var records []string
		for _, r := range c[shard] {
			_, rest, _ := strings.Cut(r, " ")
			records = append(records, rest)
		}
		all = append(all, records)
	}
	return all
}

// captured reads the files of a capture.
func captured(t *testing.T, folder string) contents {
	t.Helper()
	held := make(contents)
	files, err := filepath.Glob(filepath.Join(folder, "*.ndjson.gz"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		for line := range strings.Lines(unzipped(t, name)) {
			c, err := record.ParseCaptured([]byte(strings.TrimSuffix(line, "\n")))
			if err != nil {
				t.Fatal(err)
			}
			if !record.IsFlush(c.PartitionKey) {
				held.add(c.Shard, c.Sequence, c.PartitionKey, c.Data)
			}
		}
	}
	return held
}

func unzipped(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := unzip.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// captures captures the input of a run while it is fed, is stopped again and again, and goes on in the end until it has all.
type captures struct {
	clients  *awsclient.Clients
	folder   string
	reshards *reshards // nil for none
	stopped  int
	name     string
}

func (c *captures) config(stop bool) capture.Config {
	reader := stream.NewReader(stream.ReaderConfig{
		Client: c.clients.Kinesis, Stream: c.name, Clock: record.NewClock(time.Now()), Poll: 20 * time.Millisecond, Open: true,
	})
	return capture.Config{Source: reader, Stream: c.name, Store: capture.Folder(c.folder), UntilTip: stop, FileTime: 40 * time.Millisecond}
}

// Run implements [harness.Faults].
func (c *captures) Run(ctx context.Context, on harness.Resources) error {
	c.name = on.Input
	ended := make(chan error, 1)
	go func() {
		if c.reshards == nil {
			ended <- nil
			return
		}
		ended <- c.reshards.Run(ctx, on)
	}()
	for ctx.Err() == nil {
		some, cancel := context.WithTimeout(ctx, 30*time.Millisecond+time.Duration(rand.N(150))*time.Millisecond)
		_, err := capture.New(c.config(false)).Run(some)
		cancel()
		if err != nil {
			return errors.Join(err, <-ended)
		}
		c.stopped++
	}
	return <-ended
}

// capturedRun carries out a run that is captured, and gives what its stream holds.
func capturedRun(t *testing.T, s *scenarios.Scenario, c *captures, server *localaws.Server) (o harness.Outcome, held contents) {
	t.Helper()
	endpoint := serve(t, server)
	clients, err := awsclient.New(t.Context(), awsclient.Config{Endpoint: endpoint, Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	o, err = execute(t, s, endpoint, func(config *harness.Config) {
		if c != nil {
			c.clients = clients
			config.Faults = c
		}
		config.BeforeProof = func(ctx context.Context, table string) error {
			if c != nil {
				if _, err := capture.New(c.config(true)).Run(ctx); err != nil {
					return err
				}
			}
			held = make(contents)
			return eachStored(ctx, config.Target, strings.TrimSuffix(table, "rows")+"input", func(shard string, r *record.Stored) {
				held.add(shard, r.Sequence, r.PartitionKey, r.Data)
			})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if o.Result.Verdict != "pass" {
		t.Fatalf("%s: %v", o.Result.Verdict, o.Result.Reasons)
	}
	return o, held
}

// week is January's first seven days, as Firehose has kept them.
var week = filepath.Join(recordings, "firehose")

// captureScenario is a replay that is to be captured.
func captureScenario(source string) *scenarios.Scenario {
	s := flights(source)
	s.Pipeline.Input.Shards = 3
	s.Pipeline.Input.Queue = 256 << 10
	s.Fields.PartitionKey = []string{"origin", "flight"}
	return s
}

// Whatever becomes of the shards, and however often the capture is stopped, each record is in it once, in its shard's order.
func TestACaptureIsWhatTheStreamHolds(t *testing.T) { captureIsTheStream(t, week) }

func TestProveACaptureOfJanuaryIsWhatTheStreamHolds(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("takes a minute: make prove runs it")
	}
	captureIsTheStream(t, january().Load.Replay.Source)
}

func captureIsTheStream(t *testing.T, source string) {
	t.Helper()
	for _, packing := range []scenarios.Packing{scenarios.NoPacking, scenarios.KPLPacking} {
		server := localaws.New(localaws.Config{SettleDelay: -1, Fault: slowPuts})
		c := &captures{folder: t.TempDir(), reshards: &reshards{server: server, random: rand.New(rand.NewPCG(5, 5)), every: 40 * time.Millisecond, most: 6}}
		s := captureScenario(source)
		s.Pipeline.Input.Packing = packing
		_, want := capturedRun(t, s, c, server)
		if diff := gocmp.Diff(want, captured(t, c.folder)); diff != "" {
			t.Errorf("%s: the capture is not what the stream holds:\n%.2000s", packing, diff)
		}
		if c.stopped < 2 || c.reshards.done < 3 || len(want) < 5 {
			t.Errorf("%d stops, %d reshards, %d shards show too little", c.stopped, c.reshards.done, len(want))
		}
	}
}

// What was captured of a run makes the same run: the same rows, and the same records in each shard, in the same order.
func TestAReplayOfACaptureIsTheSameRun(t *testing.T) {
	c := &captures{folder: t.TempDir()}
	first, want := capturedRun(t, captureScenario(week), c, localaws.New(localaws.Config{}))
	s := captureScenario(week)
	s.Load.Replay.Source = c.folder
	s.Fields.PartitionKey = nil // the capture has them
	second, got := capturedRun(t, s, nil, localaws.New(localaws.Config{}))
	if diff := gocmp.Diff(want.withoutSequences(), got.withoutSequences()); diff != "" {
		t.Errorf("the shards of the second run are not those of the first:\n%.2000s", diff)
	}
	if diff := gocmp.Diff(rowsOf(t, first), rowsOf(t, second)); diff != "" {
		t.Errorf("the rows of the second run are not those of the first:\n%.2000s", diff)
	}
}

// rowsOf are a run's rows, without their times.
func rowsOf(t *testing.T, o harness.Outcome) (rows []string) {
	t.Helper()
	for line := range strings.Lines(windowsOf(t, o)) {
		rows = append(rows, line)
	}
	slices.SortFunc(rows, cmp.Compare[string])
	if len(rows) < 1000 {
		t.Fatal(fmt.Sprint(len(rows), " rows"))
	}
	return rows
}
