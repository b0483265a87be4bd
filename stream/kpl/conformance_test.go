package kpl

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/awslabs/kinesis-aggregation/go/v2/deaggregator"
	"pgregory.net/rapid"
)

// What is packed here is what AWS's own reader for Go makes of it.
func TestWhatIsPackedIsWhatAWSLabsOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawn(t)
		all, err := deaggregator.DeaggregateRecords([]types.Record{{Data: pack(want), PartitionKey: aws.String(PartitionKey)}})
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != len(want) {
			t.Fatalf("%d records, want %d", len(all), len(want))
		}
		for i, r := range all {
			if aws.ToString(r.PartitionKey) != want[i].PartitionKey || string(r.Data) != string(want[i].Data) {
				t.Errorf("record %d is %q %x, want %q %x", i, aws.ToString(r.PartitionKey), r.Data, want[i].PartitionKey, want[i].Data)
			}
		}
	})
}
