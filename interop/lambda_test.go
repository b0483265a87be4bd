package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLambdaFunction has a real function, on AWS's runtime for Go and behind AWS's runtime interface emulator, handle the rows of a run: with Lambda's event
// for Kinesis in a routed pipeline, of which it fails one batch and refuses a part of another, and with the old application's in a direct one.
func TestLambdaFunction(t *testing.T) {
	tools := filepath.Join(downloads, "lambda")
	for output, of := range map[string]string{"bootstrap": ".", "aws-lambda-rie": "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"} {
		build := exec.Command("go", "build", "-C", "lambda", "-o", filepath.Join(tools, output), of)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, c := range []struct {
		event string
		flags []string
	}{
		{"kinesis", []string{
			"--pipeline", "routed", "--set", "pipeline.output.poll=100ms", "--set", "pipeline.routes.own.report_batch_item_failures=true",
			"--set", "pipeline.routes.own.batch_size=20", "--set", "pipeline.routes.own.handler.concurrency=1", "--set", "pipeline.routes.own.handler.invoke=",
		}},
		{"output", []string{"--set", "pipeline.handler.concurrency=1", "--set", "pipeline.handler.invoke="}},
	} {
		t.Run(c.event, func(t *testing.T) {
			rows := filepath.Join(t.TempDir(), "rows")
			c.flags[len(c.flags)-1] += emulate(t, tools, "ROWS="+rows, "EVENT="+c.event)
			var result struct {
				ExitCode int `json:"exit_code"`
				Rows     struct{ Expected, Handled int64 }
				Routes   map[string]struct {
					Rows     int64
					Failures map[string]int64
				}
				Handler struct{ Invocations int64 }
			}
			replayInto(t, &result, c.flags...)
			if result.ExitCode != 0 || result.Rows.Expected < 100 || result.Rows.Handled != result.Rows.Expected {
				t.Errorf("%+v", result)
			}
			text, err := os.ReadFile(rows)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for line := range strings.Lines(string(text)) {
				got[line] = true
			}
			if int64(len(got)) != result.Rows.Expected {
				t.Errorf("the function got %d rows of %d", len(got), result.Rows.Expected)
			}
			if own := result.Routes["own"]; c.event == "kinesis" && (own.Failures["error"] != 2 || own.Rows != result.Rows.Expected) {
				t.Errorf("the route %+v, of a function that fails once and refuses once", own)
			}
			t.Logf("%d rows, %+v, %+v", len(got), result.Routes, result.Handler)
		})
	}
}

// emulate runs the function behind the emulator until the test ends, and returns where it is invoked.
func emulate(t *testing.T, tools string, env ...string) string {
	t.Helper()
	address, runtime := freeAddress(t), freeAddress(t)
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, filepath.Join(tools, "aws-lambda-rie"), "--runtime-interface-emulator-address", address,
		"--runtime-api-address", runtime, "--log-level", "error", filepath.Join(tools, "bootstrap"))
	command.Env = append(os.Environ(), env...)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = command.Wait() // it was told to end
		if t.Failed() {
			t.Logf("the emulator: %s", log.String())
		}
	})
	for range 100 {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return "http://" + address
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the emulator does not listen: %s", log.String())
	return ""
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// replayInto replays a day of flights, and reads the result.
func replayInto(t *testing.T, result any, flags ...string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "run")
	recording, err := filepath.Abs("../testdata/nycflights13/firehose/2013/01/02")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(downloads, "weir"), append([]string{
		"replay", recording, "--field", "key=origin", "--field", "value=delay", "--field", "partition_key=carrier", "--window", "1h", "--out-of-orderness", "5m",
		"--shards", "2", "--limits", "off", "--speed", "max", "--out", folder,
	}, flags...)...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(folder, "result.json"))
	if err == nil {
		err = json.Unmarshal(text, result)
	}
	if err != nil {
		t.Fatal(fmt.Errorf("result.json: %w", err))
	}
}
