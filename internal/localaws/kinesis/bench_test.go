//go:build unix

package kinesis_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/localaws/kinesis"
	"weir/internal/localaws/wire"
)

// putBody is the body of the nth PutRecords call of 500 records of 200 bytes.
func putBody(n int) string {
	data := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 200)))
	var body strings.Builder
	body.WriteString(`{"StreamName":"s","Records":[`)
	for i := range 500 {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"Data":"%s","PartitionKey":"key-%d"}`, data, 500*n+i)
	}
	body.WriteString(`]}`)
	return body.String()
}

// cpu is the processor time of this process: an answer that waits for its time costs none.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// nowhere is where answers go that are measured: to keep them costs more than to make them.
type nowhere struct {
	header        http.Header
	status, bytes int
}

func (n *nowhere) Header() http.Header    { return n.header }
func (n *nowhere) WriteHeader(status int) { n.status = status }

func (n *nowhere) Write(p []byte) (int, error) {
	n.bytes += len(p)
	return len(p), nil
}

func measured(handler http.Handler, operation, body string) *nowhere {
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	answer := &nowhere{header: make(http.Header)}
	handler.ServeHTTP(answer, request)
	return answer
}

// BenchmarkPutRecords serves calls of 500 records of 200 bytes to four shards, without a network.
func BenchmarkPutRecords(b *testing.B) { benchmarkPut(b, config, 4, 0) }

// BenchmarkLimits serves calls to as many shards as take them by AWS's limits, where there is a pause after each.
func BenchmarkLimits(b *testing.B) {
	for _, limits := range []bool{false, true} {
		b.Run(fmt.Sprintf("limits=%t", limits), func(b *testing.B) {
			config := config
			config.Limits = limits
			benchmarkPut(b, config, 256, 4*time.Millisecond)
		})
	}
}

func benchmarkPut(b *testing.B, config kinesis.Config, shards int, pause time.Duration) {
	bodies := make([]string, 40)
	for i := range bodies {
		bodies[i] = putBody(i)
	}
	b.ReportAllocs()
	calls := 0
	var used time.Duration
	var handler http.Handler
	for b.Loop() {
		if calls%2000 == 0 { // or the benchmark would measure its own memory
			handler = kinesis.New(config).Wire(wire.Options{WholeBodies: true})
			post(handler, "CreateStream", fmt.Sprintf(`{"StreamName":"s","ShardCount":%d}`, shards))
			runtime.GC()
		}
		begun := cpu(b)
		if answer := measured(handler, "PutRecords", bodies[calls%len(bodies)]); answer.status != http.StatusOK || answer.bytes < 500*70 {
			b.Fatalf("%d, %d bytes", answer.status, answer.bytes)
		}
		used += cpu(b) - begun
		calls++
		time.Sleep(pause)
	}
	b.ReportMetric(float64(used.Nanoseconds())/float64(500*b.N), "cpu-ns/record")
}

// BenchmarkGetRecords serves answers of 10,000 records of 200 bytes, without a network, and at once.
func BenchmarkGetRecords(b *testing.B) {
	handler := kinesis.New(config).Wire(wire.Options{WholeBodies: true})
	post(handler, "CreateStream", `{"StreamName":"s","ShardCount":1}`)
	body := putBody(0)
	for range 20 {
		if answer := post(handler, "PutRecords", body); answer.Code != http.StatusOK {
			b.Fatal(answer.Body)
		}
	}
	var iterator struct{ ShardIterator string }
	answer := post(handler, "GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`)
	if err := json.Unmarshal(answer.Body.Bytes(), &iterator); err != nil {
		b.Fatal(err)
	}
	request := fmt.Sprintf(`{"ShardIterator":%q}`, iterator.ShardIterator)
	b.ReportAllocs()
	begun := cpu(b)
	for b.Loop() {
		if answer := measured(handler, "GetRecords", request); answer.status != http.StatusOK || answer.bytes < 10_000*200 {
			b.Fatal(answer.status)
		}
	}
	b.ReportMetric(float64((cpu(b)-begun).Nanoseconds())/float64(10_000*b.N), "cpu-ns/record")
}
