package interop

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// TestKCLReadsEveryRecordOnceAcrossAReshard has the Kinesis Client Library, with its leases in the embedded DynamoDB, read a stream whose shards
// double in the middle.
func TestKCLReadsEveryRecordOnceAcrossAReshard(t *testing.T) {
	java := classpath(t, "kcl")
	for _, retrieval := range []string{"polling", "fan-out"} {
		t.Run(retrieval, func(t *testing.T) {
			aws := serve(t, "--limits", "off")
			client := aws.client()
			create(t, client, "events", 2)
			seen := make(map[string]int)
			ended := make(map[string]bool)
			lines := consume(t, aws, java, retrieval)
			const half = 1000
			put(t, client, "events", numbered(0, half))
			gather(t, lines, seen, ended, func() bool { return len(seen) == half })
			reshard(t, client, "events", 4)
			put(t, client, "events", numbered(half, 2*half))
			gather(t, lines, seen, ended, func() bool { return len(seen) == 2*half && len(ended) == 2 })
			for data, times := range seen {
				if times != 1 {
					t.Errorf("%s was given %d times", data, times)
				}
			}
		})
	}
}

func numbered(from, to int) (entries []types.PutRecordsRequestEntry) {
	for i := from; i < to; i++ {
		entries = append(entries, entry(fmt.Sprint("key-", i%97), fmt.Sprint("record-", i)))
	}
	return entries
}

func reshard(t *testing.T, client *kinesis.Client, stream string, shards int32) {
	t.Helper()
	if _, err := client.UpdateShardCount(t.Context(), &kinesis.UpdateShardCountInput{StreamName: &stream, TargetShardCount: aws.Int32(shards), ScalingType: types.ScalingTypeUniformScaling}); err != nil {
		t.Fatal(err)
	}
	active(t, client, stream)
}

// consume starts the KCL application, which stops with the test, and gives the lines that it prints.
func consume(t *testing.T, l local, java, retrieval string) <-chan string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", java, "Consumer", l.endpoint, "events", "application", retrieval)
	command.Env, command.Stderr = l.environ(), os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 10_000)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(stdout); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		for range lines { // until it has stopped
		}
		_ = command.Wait() // the test's end may have ended it
	})
	return lines
}

// gather counts what the application prints until done.
func gather(t *testing.T, lines <-chan string, seen map[string]int, ended map[string]bool, done func() bool) {
	t.Helper()
	late := time.After(patience)
	for !done() {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatal("the application ended")
			}
			switch words := strings.Fields(line); words[0] {
			case "record":
				seen[words[3]]++
			case "end":
				ended[words[1]] = true
			}
		case <-late:
			t.Fatalf("after %v: %d records, and the ends of %v", patience, len(seen), ended)
		}
	}
}
