package harness_test

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/harness"
	"weir/internal/localaws"
	"weir/record"
	"weir/replay"
	"weir/result"
	"weir/scenarios"
)

// sum is a count of records, and a checksum that does not mind their order.
type sum struct {
	records int64
	check   uint64
}

func (s *sum) add(key string, data []byte) {
	s.records++
	s.check += contentOf(key, data)
}

// contentOf stands for a record.
func contentOf(key string, data []byte) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, key)
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(data)
	return h.Sum64()
}

// offered is what a scenario's recording comes to; each is told of every record.
func offered(t *testing.T, s *scenarios.Scenario, each func(key string, data []byte)) (all sum) {
	t.Helper()
	options, closeSource, err := harness.SourceOptions(t.Context(), &harness.Config{Scenario: s})
	if err != nil {
		t.Fatal(err)
	}
	defer closeSource()
	source, err := replay.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	go func() { _ = source.Run(t.Context()) }()
	var batch record.Batch
	for {
		batch.Reset()
		err := source.Fill(&batch, time.Hour)
		for i := range batch.Records {
			all.add(batch.Records[i].PartitionKey, batch.Records[i].Data)
			each(batch.Records[i].PartitionKey, batch.Records[i].Data)
		}
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// held is what is in a stream.
func held(ctx context.Context, c *harness.Config, name string) (all sum, err error) {
	err = eachStored(ctx, c.Target, name, func(_ string, r *record.Stored) { all.add(r.PartitionKey, r.Data) })
	return all, err
}

// One and a half million records at top speed, through throttles, answers that are lost and reshards: they are in the stream, by their number and their
// checksum, and each is read once.
func TestProveAMillionAndAHalfRecordsAreStoredOnce(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("takes a minute: make prove runs it")
	}
	for _, packing := range []scenarios.Packing{scenarios.NoPacking, scenarios.KPLPacking} {
		t.Run(string(packing), func(t *testing.T) {
			s := january()
			s.Load.Replay.Loop = 28
			s.Pipeline.Input.Shards, s.Pipeline.Input.Packing = 8, packing
			s.Pipeline.Aggregator.Parallelism = 2
			s.Fields.PartitionKey = []string{"origin", "flight"}
			want := offered(t, s, func(string, []byte) {})
			if want.records < 1_500_000 {
				t.Fatalf("%d records are too few", want.records)
			}
			server := localaws.New(localaws.Config{SettleDelay: -1, Fault: rough(7, true)})
			faults := &reshards{server: server, random: rand.New(rand.NewPCG(7, 7)), every: 500 * time.Millisecond, most: 16}
			o, err := execute(t, s, serve(t, server), func(c *harness.Config) {
				c.Faults = faults
				c.BeforeProof = func(ctx context.Context, table string) error {
					got, err := held(ctx, c, strings.TrimSuffix(table, "rows")+"input")
					if got != want {
						t.Errorf("%+v are stored, want %+v", got, want)
					}
					return err
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			r := &o.Result.Records
			checkBooks(t, r)
			if o.Result.Verdict != "pass" || r.Read != want.records || r.Lost+r.Duplicated+r.Phantom+r.Unread+r.Unsent+r.Failed != 0 || r.Unknown != r.Found {
				t.Errorf("%s: %+v\n%v", o.Result.Verdict, r, o.Result.Reasons)
			}
			if _, err := os.Stat(filepath.Join(o.Folder, result.OffendersFile)); (err == nil) != (r.Reordered > 0) {
				t.Errorf("%d are reordered, and offenders.csv: %v", r.Reordered, err)
			}
			if faults.done < 5 || r.Unknown < 1000 || r.Throttled < 1000 {
				t.Errorf("%d reshards, %d without an answer, %d throttled: too few", faults.done, r.Unknown, r.Throttled)
			}
			t.Logf("%d records in %.1f s, %d reshards, %d without an answer, %d throttled", r.Read, o.Result.Seconds, faults.done, r.Unknown, r.Throttled)
		})
	}
}
