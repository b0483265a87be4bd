package interop

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/awslabs/kinesis-aggregation/go/v2/deaggregator"
)

// TestKPLStoresEveryRecordPlainAndAggregated has the Kinesis Producer Library, whose native part speaks TLS alone, put records. Its aggregates are opened
// by awslabs' own decoder.
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
		})
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
