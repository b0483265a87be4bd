package interop

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// TestFlinkCountsInWindowsWhatAnIndependentCountDoes has Apache Flink with its Kinesis connector read one stream, by polling and by enhanced fan-out, and
// write its windows to another.
func TestFlinkCountsInWindowsWhatAnIndependentCountDoes(t *testing.T) {
	java := classpath(t, "flink")
	for _, retrieval := range []string{"polling", "fan-out"} {
		t.Run(retrieval, func(t *testing.T) {
			served := serve(t, "--limits", "off")
			client := served.client()
			create(t, client, "from", 3)
			create(t, client, "to", 2)
			const start, size = 1_700_000_000_000, 10_000
			want := make(map[string]bool)
			counts := make(map[string]int)
			var entries []types.PutRecordsRequestEntry
			for i := range 20_000 {
				key, at := fmt.Sprint("key-", i*i%31), start+int64(i)*7
				entries = append(entries, entry(key, fmt.Sprintf("%s %d", key, at)))
				counts[fmt.Sprintf("%d %s", at-at%size, key)]++
			}
			for window, n := range counts {
				want[fmt.Sprintf("%s %d", window, n)] = true
			}
			put(t, client, "from", entries)
			put(t, client, "from", flush(t, client, "from", start+3_600_000))
			job(t, served, java, retrieval)
			var got map[string]bool
			for late := time.Now().Add(patience); ; time.Sleep(500 * time.Millisecond) {
				got = lines(t, client, "to")
				if len(got) >= len(want) || time.Now().After(late) {
					break
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("%d of %d windows, %d of them right", len(got), len(want), common(got, want))
			}
		})
	}
}

// flush is a record for each shard, whose event time closes all windows before it.
func flush(t *testing.T, client *kinesis.Client, stream string, at int64) (entries []types.PutRecordsRequestEntry) {
	t.Helper()
	out, err := client.ListShards(t.Context(), &kinesis.ListShardsInput{StreamName: &stream})
	if err != nil {
		t.Fatal(err)
	}
	for _, shard := range out.Shards {
		e := entry("flush", fmt.Sprint("flush ", at))
		e.ExplicitHashKey = shard.HashKeyRange.StartingHashKey
		entries = append(entries, e)
	}
	return entries
}

// lines are those of a stream, but for the flush records' windows.
func lines(t *testing.T, client *kinesis.Client, stream string) map[string]bool {
	t.Helper()
	all := make(map[string]bool)
	for _, r := range stored(t, client, stream) {
		if line := string(r.Data); !strings.Contains(line, "flush") {
			all[line] = true
		}
	}
	return all
}

func common(a, b map[string]bool) (n int) {
	for line := range a {
		if b[line] {
			n++
		}
	}
	return n
}

// job runs the Flink job until the test ends.
func job(t *testing.T, l local, java, retrieval string) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "flink.log"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("java",
		// Flink reaches into classes of Java that are closed from 17 on (Flink docs, "Java compatibility").
		"--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.time=ALL-UNNAMED",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", java, "WindowCounts", l.endpoint, "from", "to", retrieval)
	command.Env, command.Stdout, command.Stderr = l.environ(), log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // which is an error, for it was killed
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("flink said:\n%s", said)
		}
		_ = log.Close()
	})
}
