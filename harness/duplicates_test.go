package harness_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/harness"
	"weir/internal/localaws"
	"weir/record"
	"weir/result"
	"weir/scenarios"
)

// doubling hands calls on to an endpoint, and makes one PutRecords of so many twice: the client hears of the second time only, so that what the first
// has stored is there once more.
func doubling(t *testing.T, endpoint string, every int64) string {
	t.Helper()
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) } // an answer that is lost stays so
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutRecords") && calls.Add(1)%every == 0 {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			first := r.Clone(r.Context())
			first.Body = io.NopCloser(bytes.NewReader(body))
			func() {
				defer func() { _ = recover() }() // its answer is of no use, lost or not
				proxy.ServeHTTP(httptest.NewRecorder(), first)
			}()
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// surplus is what a stream holds that was not offered: by content, how often it is there too often; and of each of these, all that hold it.
type surplus struct {
	times map[uint64]int
	of    map[record.ID]uint64
}

// look looks through the stream.
func (s *surplus) look(ctx context.Context, c *harness.Config, name string) error {
	if err := eachStored(ctx, c.Target, name, func(_ string, r *record.Stored) { s.times[contentOf(r.PartitionKey, r.Data)]++ }); err != nil {
		return err
	}
	return eachStored(ctx, c.Target, name, func(shard string, r *record.Stored) {
		if content := contentOf(r.PartitionKey, r.Data); s.times[content] > 0 {
			s.of[record.ID{Shard: shard, Sequence: strings.Clone(r.Sequence)}] = content
		}
	})
}

// offenders are the lines of offenders.csv, each by its columns.
func offenders(t *testing.T, folder string) (lines []map[string]string) {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, result.OffendersFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, fields := range all[1:] {
		line := make(map[string]string)
		for i, name := range all[0] {
			line[name] = fields[i]
		}
		lines = append(lines, line)
	}
	return lines
}

// namesEveryDuplicate carries a recording out against a stream in which records are stored twice, with throttles, lost answers and reshards, and checks
// that just those are named. Without an interval there are no reshards.
func namesEveryDuplicate(t *testing.T, s *scenarios.Scenario, packing scenarios.Packing, reshardEvery time.Duration) {
	s.Pipeline.Input.Shards, s.Pipeline.Input.Packing = 4, packing
	s.Fields.PartitionKey = []string{"origin", "flight"}
	more := surplus{times: make(map[uint64]int), of: make(map[record.ID]uint64)}
	offered(t, s, func(key string, data []byte) { more.times[contentOf(key, data)]-- })
	server := localaws.New(localaws.Config{SettleDelay: -1, Fault: roughAndSlow(7, true)})
	faults := &reshards{server: server, random: rand.New(rand.NewPCG(7, 7)), every: reshardEvery, most: 16}
	o, err := execute(t, s, doubling(t, serve(t, server), 20), func(c *harness.Config) {
		c.BacklogMemory = 1
		if reshardEvery > 0 {
			c.Faults = faults
		}
		c.BeforeProof = func(ctx context.Context, table string) error {
			return more.look(ctx, c, strings.TrimSuffix(table, "rows")+"input")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	r, rows := &o.Result.Records, o.Result.Rows
	checkBooks(t, r)
	if b := o.Result.Backlog["input"]; r.Offered > 1_000_000 && b.Spilled == 0 || b.Spilled > 0 && b.MemoryBound != 1 {
		t.Errorf("nothing went to the disk: %+v", b)
	}
	if left, err := filepath.Glob(filepath.Join(o.Folder, ".backlog-*")); err != nil || len(left) > 0 {
		t.Errorf("left in the run folder: %v, %v", left, err)
	}
	named := make(map[string]int64)
	for _, line := range offenders(t, o.Folder) {
		named[line["offence"]]++
		if line["offence"] != "duplicated" {
			continue
		}
		content, ok := more.of[record.ID{Shard: line["shard"], Sequence: line["sequence"]}]
		if !ok {
			t.Fatalf("named, and stored once: %v", line)
		}
		more.times[content]--
	}
	for content, times := range more.times {
		if times != 0 {
			t.Fatalf("record %x is stored %d times more often than it was offered and named: %+v", content, times, r)
		}
	}
	for offence, count := range map[string]int64{
		"duplicated": r.Duplicated, "reordered": r.Reordered, "lost": r.Lost, "phantom": r.Phantom, "wrong": rows.Wrong, "missing": rows.Missing, "unexpected": rows.Unexpected,
	} {
		if named[offence] != count {
			t.Errorf("%d are named as %s, of %d", named[offence], offence, count)
		}
	}
	if r.Duplicated < 50 || r.Lost+r.Phantom+r.Unread > 0 || rows.Wrong == 0 || (faults.done > 0) != (reshardEvery > 0) {
		t.Errorf("%+v, %+v, %d reshards", r, rows, faults.done)
	}
	t.Logf("%d records, %d of them stored again, %d reordered, %d rows wrong, %d reshards: all are named", r.Offered, r.Duplicated, r.Reordered, rows.Wrong, faults.done)
}

func TestEveryDuplicateIsNamed(t *testing.T) {
	s := january()
	s.Load.Replay.To = "2013-01-16"
	namesEveryDuplicate(t, s, scenarios.NoPacking, 0)
}

func TestProveEveryDuplicateOfAMillionAndAHalfRecordsIsNamed(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("takes minutes: make prove runs it")
	}
	for _, packing := range []scenarios.Packing{scenarios.NoPacking, scenarios.KPLPacking} {
		t.Run(string(packing), func(t *testing.T) {
			s := january()
			s.Load.Replay.Loop = 28
			namesEveryDuplicate(t, s, packing, 500*time.Millisecond)
		})
	}
}
