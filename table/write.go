package table

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"weir/limits"
	"weir/record"
)

// inFlight is how many calls one Handle, or one reading of the table, has under way at once.
const inFlight = 4

// put is a row on its way to the table.
type put struct {
	row     *record.Row
	key     itemKey
	request types.WriteRequest
	// acknowledged is set once the row is. The Handle looks at it at its end.
	acknowledged *bool
}

// Handle puts rows into the table, each over the one of its id that is there, and returns when all are acknowledged. Where one id
// comes twice in a call, the later row stays. It retries what DynamoDB throttles, leaves unprocessed or does not answer until ctx
// ends; the error then, and on what is refused for good, names a row that is not acknowledged. Others may be stored.
func (t *Table) Handle(ctx context.Context, rows []record.Row) error {
	if len(rows) == 0 {
		return nil
	}
	acknowledged := make([]bool, len(rows))
	puts, err := newPuts(rows, acknowledged)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.config.Name, err)
	}
	if t.config.Observer != nil {
		t.config.Observer.Writing(rows, t.config.Clock.Now())
	}
	for _, round := range rounds(puts) {
		if err := t.putAll(ctx, round); err != nil {
			t.abandon(rows, acknowledged)
			return err
		}
	}
	return nil
}

// abandon reports the rows that are not acknowledged. All calls have ended.
func (t *Table) abandon(rows []record.Row, acknowledged []bool) {
	var left []record.Row
	for i := range rows {
		if !acknowledged[i] {
			left = append(left, rows[i])
		}
	}
	if len(left) > 0 && t.config.Observer != nil {
		t.config.Observer.Abandoned(left, t.config.Clock.Now())
	}
}

func newPuts(rows []record.Row, acknowledged []bool) ([]put, error) {
	puts := make([]put, len(rows))
	for i := range rows {
		key, it, err := newItem(&rows[i])
		if err != nil {
			return nil, err
		}
		puts[i] = put{row: &rows[i], key: key, request: types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}, acknowledged: &acknowledged[i]}
	}
	return puts, nil
}

// rounds parts puts so that no round has two of one item: DynamoDB refuses such a batch, and calls under way at once overtake each
// other. Without a repeated row there is one round.
func rounds(puts []put) [][]put {
	var rounds [][]put
	earlier := make(map[itemKey]int, len(puts))
	for _, p := range puts {
		n := earlier[p.key]
		earlier[p.key]++
		if n == len(rounds) {
			rounds = append(rounds, make([]put, 0, len(puts)-len(rounds)))
		}
		rounds[n] = append(rounds[n], p)
	}
	return rounds
}

// putAll puts rows of different ids, several batches at once.
func (t *Table) putAll(ctx context.Context, puts []put) error {
	if t.config.Conditional {
		return t.putAllNewer(ctx, puts)
	}
	if len(puts) <= limits.BatchWriteItems {
		return t.putBatch(ctx, puts)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for batch := range slices.Chunk(puts, limits.BatchWriteItems) {
		group.Go(func() error { return t.putBatch(ctx, batch) })
	}
	return group.Wait()
}

// putBatch puts the rows of one call, and again those that DynamoDB leaves unprocessed. It needs not count bytes: a pk of at most
// limits.PartitionKeyBytes keeps 25 items far below limits.BatchWriteBytes.
func (t *Table) putBatch(ctx context.Context, puts []put) error {
	left := slices.Clone(puts)
	for attempt := 0; ; attempt++ {
		unprocessed, err := t.write(ctx, left)
		if err != nil {
			return t.notWritten(left, err)
		}
		left, err = t.acknowledge(left, unprocessed)
		if err != nil {
			return t.notWritten(left, err)
		}
		if len(left) == 0 {
			return nil
		}
		if err := pause(ctx, attempt); err != nil {
			return t.notWritten(left, err)
		}
	}
}

func (t *Table) notWritten(left []put, err error) error {
	return fmt.Errorf("table %s: %d rows are not acknowledged, row %s among them: %w", t.config.Name, len(left), left[0].row.RowID, err)
}

// write makes one call, repeated as long as it fails as a whole, and returns what of it was left unprocessed.
func (t *Table) write(ctx context.Context, puts []put) ([]types.WriteRequest, error) {
	requests := make([]types.WriteRequest, len(puts))
	units := 0.0
	for i := range puts {
		requests[i] = puts[i].request
		units += unitsOf(puts[i].request.PutRequest.Item)
	}
	input := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.config.Name: requests}}
	var output *dynamodb.BatchWriteItemOutput
	err := retry(ctx, transient, func(ctx context.Context) (err error) {
		if err := t.pacer.wait(ctx, units); err != nil {
			return err
		}
		output, err = t.config.Client.BatchWriteItem(ctx, input)
		t.use.refused(err, len(puts))
		return err
	})
	if err != nil {
		return nil, err
	}
	t.use.leftUndone(len(output.UnprocessedItems[t.config.Name]))
	return output.UnprocessedItems[t.config.Name], nil
}

// acknowledge tells the observer of the puts that were processed, and returns the others.
func (t *Table) acknowledge(puts []put, unprocessed []types.WriteRequest) ([]put, error) {
	at := t.config.Clock.Now()
	open := make(map[itemKey]bool, len(unprocessed))
	for _, request := range unprocessed {
		if request.PutRequest != nil {
			open[itemKeyOf(request.PutRequest.Item)] = true
		}
	}
	left := puts[:0:0]
	rows := make([]record.Row, 0, len(puts))
	for _, p := range puts {
		if open[p.key] {
			left = append(left, p)
			continue
		}
		rows = append(rows, *p.row)
	}
	if len(left) != len(unprocessed) {
		return puts, fmt.Errorf("the answer leaves %d items unprocessed, of which %d were sent", len(unprocessed), len(left))
	}
	for i := range puts {
		*puts[i].acknowledged = !open[puts[i].key]
	}
	if len(rows) > 0 && t.config.Observer != nil {
		t.config.Observer.Written(rows, at)
	}
	return left, nil
}
