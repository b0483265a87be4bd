package dynamodb_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weir/internal/localaws/dynamodb"
	"weir/internal/localaws/wire"
)

// BenchmarkBatchWriteItem serves calls of 25 rows as the table's sink writes them, without a network.
func BenchmarkBatchWriteItem(b *testing.B) {
	handler := dynamodb.New(config).Wire(wire.Options{})
	post(b, handler, "CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",`+
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"window_start","AttributeType":"S"}],`+
		`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"window_start","KeyType":"RANGE"}]}`)
	bodies := make([]string, 400)
	for i := range bodies {
		bodies[i] = rows(i)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		post(b, handler, "BatchWriteItem", bodies[n%len(bodies)])
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(25*b.N), "ns/record")
}

// BenchmarkScan serves pages of a table of 10,000 rows.
func BenchmarkScan(b *testing.B) {
	handler := dynamodb.New(config).Wire(wire.Options{})
	post(b, handler, "CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",`+
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"window_start","AttributeType":"S"}],`+
		`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"window_start","KeyType":"RANGE"}]}`)
	for i := range 400 {
		post(b, handler, "BatchWriteItem", rows(i))
	}
	for b.Loop() {
		post(b, handler, "Scan", `{"TableName":"tab","Limit":1000}`)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(1000*b.N), "ns/record")
}

func post(b *testing.B, handler http.Handler, operation, body string) {
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		b.Fatal(answer.Body)
	}
}

// rows is the body of a BatchWriteItem call of 25 rows.
func rows(call int) string {
	var body strings.Builder
	body.WriteString(`{"RequestItems":{"tab":[`)
	for i := range 25 {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"PutRequest":{"Item":{"pk":{"S":"departure#K%d"},"window_start":{"S":"2013-01-%02dT%02d:00:00Z"},"window_end":{"S":"2013-01-01T07:00:00Z"},`+
			`"kind":{"S":"departure"},"key":{"L":[{"S":"K%d"}]},"count":{"N":"52"},"sum":{"N":"-13.5"},"min":{"N":"-9"},"max":{"N":"47"}}}}`,
			call, i+1, call%24, call)
	}
	body.WriteString(`]}}`)
	return body.String()
}
