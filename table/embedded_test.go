package table_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"weir/internal/localaws"
	"weir/limits"
	"weir/record"
	"weir/table"
)

// serve starts an embedded AWS for the length of a test, and returns a client of it without retries.
func serve(t *testing.T, config localaws.Config) *dynamodb.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- localaws.New(config).Serve(ctx, listener) }()
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + listener.Addr().String()),
		Credentials: credentials.NewStaticCredentialsProvider("weir", "weir", ""),
		HTTPClient:  &http.Client{Transport: transport}, Retryer: aws.NopRetryer{},
	})
}

func TestATableLivesThroughItsDaysOverTheWire(t *testing.T) {
	client := serve(t, localaws.Config{Fault: func(call localaws.Call) localaws.Action {
		if call.Operation == "BatchWriteItem" && call.Number%3 == 1 {
			return localaws.DropAfter
		}
		return localaws.Serve
	}})
	o := &observed{times: map[record.RowID]int{}}
	tab := table.New(table.Config{Client: client, Name: "rows", Clock: record.NewClock(time.Now()), Observer: o})
	if err := tab.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := rows(200)
	want[7].Sum, want[7].Min, want[7].Max = "", "", ""
	want[8].Sum = "-0." + "00000000000000000000000000000000000000000000000000000000000001"
	want[9].Max = "9999999999999999999999999999999999999900000000"
	if err := tab.Handle(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	requireRows(t, tab, want)
	if len(o.times) != len(want) {
		t.Errorf("the observer knows %d rows", len(o.times))
	}
	if err := tab.Create(t.Context()); err == nil {
		t.Error("it was made twice")
	}
	for range 2 {
		if err := tab.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATableIsMadeWithItsCapacityAndItsTags(t *testing.T) {
	client := serve(t, localaws.Config{})
	for name, units := range map[string]int64{"provisioned": 7, "on-demand": 0} {
		tab := table.New(table.Config{Client: client, Name: name, WriteCapacity: units, Tags: map[string]string{"weir": "allowed", "weir:run": "x"}, Clock: record.NewClock(time.Now())})
		if err := tab.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
		made, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if got := *made.Table.ProvisionedThroughput.WriteCapacityUnits; got != units || (made.Table.BillingModeSummary != nil) != (units == 0) {
			t.Errorf("%s: %d units, %+v", name, got, made.Table.BillingModeSummary)
		}
		tags, err := client.ListTagsOfResource(t.Context(), &dynamodb.ListTagsOfResourceInput{ResourceArn: made.Table.TableArn})
		if err != nil || len(tags.Tags) != 2 {
			t.Errorf("%s: %+v, %v", name, tags, err)
		}
	}
}

// A table that throttles costs time, and no row.
func TestEveryRowGetsIntoATableOfSmallCapacity(t *testing.T) {
	const units = 100 // a second, and as many at once to begin with
	var calls atomic.Int64
	client := serve(t, localaws.Config{Limits: true, Fault: func(call localaws.Call) localaws.Action {
		if call.Operation == "BatchWriteItem" {
			calls.Add(1)
		}
		return localaws.Serve
	}})
	tab := table.New(table.Config{Client: client, Name: "rows", WriteCapacity: units, Clock: record.NewClock(time.Now())})
	if err := tab.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := rows(3 * units)
	if err := tab.Handle(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	requireRows(t, tab, want)
	if enough := int64(len(want) / limits.BatchWriteItems); calls.Load() <= enough {
		t.Errorf("%d calls wrote %d rows: nothing was throttled", calls.Load(), len(want))
	}
}

func TestANewerRowStaysInTheEmbeddedDynamoDB(t *testing.T) {
	client := serve(t, localaws.Config{})
	tab := table.New(table.Config{Client: client, Name: "newer", Clock: record.NewClock(time.Now()), Conditional: true})
	if err := tab.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	newer, older := row(1), row(1)
	older.Count, newer.Count = 3, 5
	for _, given := range []record.Row{older, newer, older} {
		if err := tab.Handle(t.Context(), []record.Row{given}); err != nil {
			t.Fatal(err)
		}
	}
	requireRows(t, tab, []record.Row{newer})
	if u := tab.Use(); u.Superseded != 1 {
		t.Errorf("%+v", u)
	}
}
