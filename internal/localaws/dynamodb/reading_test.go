package dynamodb

import (
	"fmt"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"weir/internal/localaws/dynamodb/attribute"
)

// A page takes a while to read, and what it costs is known afterwards: those who began meanwhile must not go on what the first one took.
func TestReadersAtOnceDoNotShareWhatIsThereForOne(t *testing.T) {
	s := New(Config{Region: "us-east-1", Account: "000000000000", Limits: true})
	if _, err := s.createTable(t.Context(), &createTableInput{
		TableName: "rows", BillingMode: "PROVISIONED", ProvisionedThroughput: &throughput{1, 1},
		AttributeDefinitions: []attributeDefinition{{"pk", attribute.TypeString}}, KeySchema: []keySchemaElement{{"pk", "HASH"}},
	}); err != nil {
		t.Fatal(err)
	}
	rows := s.tables["rows"]
	for i := range 20_000 { // which take a while
		item := newStored(attribute.Map{"pk": attribute.String(fmt.Sprintf("a key of some twenty bytes %d", i))})
		at, err := rows.schema.ofItem(item.item)
		if err != nil {
			t.Fatal(err)
		}
		rows.items.put(at, item)
	}
	var read atomic.Int32
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			_, err := s.scan(t.Context(), &scanInput{readParameters: readParameters{TableName: "rows", Select: "COUNT"}})
			if f, ok := err.(*failure); ok && f.reasons != nil {
				return nil
			}
			read.Add(1)
			return err
		})
	}
	if err := group.Wait(); err != nil || read.Load() != 1 {
		t.Errorf("%d pages were read, and there were units to begin one: %v", read.Load(), err)
	}
}
