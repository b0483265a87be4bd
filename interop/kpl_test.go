package interop

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/awslabs/kinesis-aggregation/go/v2/deaggregator"
)

// TestKPLStoresEveryRecordPlainAndAggregated has the Kinesis Producer Library, whose native part speaks TLS alone, put records. Its aggregates are opened
// by awslabs' own decoder, and by weir's.
func TestKPLStoresEveryRecordPlainAndAggregated(t *testing.T) {
	java := classpath(t, "kpl")
	for _, packing := range []string{"plain", "aggregated"} {
		t.Run(packing, func(t *testing.T) {
			served := serve(t, "--limits", "off", "--tls")
			client := served.secureClient(t)
			create(t, client, "events", 3)
			endpoint, err := url.Parse(served.endpoint)
			if err != nil {
				t.Fatal(err)
			}
			const count = 5000
			out := run(t, served.environ(), ".", "java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", java, "Producer", endpoint.Port(), "events", fmt.Sprint(count), packing)
			if !strings.Contains(out, fmt.Sprint("stored ", count)) {
				t.Fatal(out)
			}
			records := stored(t, client, "events")
			opened, err := deaggregator.DeaggregateRecords(records)
			if err != nil {
				t.Fatal(err)
			}
			if packed := len(records) < count/10; packed != (packing == "aggregated") {
				t.Errorf("%d records of Kinesis hold %d", len(records), len(opened))
			}
			seen := make(map[string]string)
			for _, r := range opened {
				seen[string(r.Data)] = *r.PartitionKey
			}
			for i := range count {
				if key := seen[fmt.Sprint("record-", i)]; key != fmt.Sprint("key-", i%50) {
					t.Fatalf("record %d has the key %q", i, key)
				}
			}
			if len(opened) != count {
				t.Errorf("%d records", len(opened))
			}
			captured(t, served, "events", seen)
		})
	}
}

// captured has weir capture a stream, and wants each record in it once, with its key.
func captured(t *testing.T, served local, name string, keys map[string]string) {
	t.Helper()
	weir, err := filepath.Abs(filepath.Join(downloads, "weir"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	run(t, served.environ(), folder, weir, "capture", name, "all", "--from", "trim-horizon", "--until-tip", "--endpoint-url", served.endpoint)
	lines := run(t, os.Environ(), folder, "sh", "-c", "gzip -dc all/*.gz")
	left := maps.Clone(keys)
	for line := range strings.Lines(lines) {
		var record struct {
			Captured struct {
				Key string `json:"partition_key"`
			}
			Data []byte `json:"data_base64"`
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if key, ok := left[string(record.Data)]; !ok || key != record.Captured.Key {
			t.Fatalf("%s: its key is %q", line, key)
		}
		delete(left, string(record.Data))
	}
	if len(left) > 0 {
		t.Errorf("%d records are not captured", len(left))
	}
}

// secureClient trusts the certificate that `weir local --tls` wrote.
func (l local) secureClient(t *testing.T) *kinesis.Client {
	t.Helper()
	authority, err := os.ReadFile(l.bundle)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	t.Cleanup(transport.CloseIdleConnections)
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &l.endpoint, Credentials: credentials.NewStaticCredentialsProvider("weir", "weir", ""),
		HTTPClient: &http.Client{Transport: transport},
	})
}
