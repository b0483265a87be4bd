package table

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"weir/record"
)

// pageLimit is how long a page of a scan is tried for. Whoever reads the table waits for it: one that does not answer is an error, and not
// a reason to wait for ever.
const pageLimit = time.Minute

// segment is what one of several scans at once found.
type segment struct {
	rows      []record.Row
	malformed []string
}

// Rows reads the whole table by consistent scans, each row that was acknowledged before among them, in no order. An item that is no
// well-formed row is not passed over: malformed names each by its key and says what is wrong with it, in the order of the text.
func (t *Table) Rows(ctx context.Context) (rows []record.Row, malformed []string, err error) {
	segments := make([]segment, inFlight)
	group, ctx := errgroup.WithContext(ctx)
	for i := range segments {
		group.Go(func() error { return t.scan(ctx, i, &segments[i]) })
	}
	if err := group.Wait(); err != nil {
		return nil, nil, fmt.Errorf("read table %s: %w", t.config.Name, err)
	}
	for i := range segments {
		rows = append(rows, segments[i].rows...)
		malformed = append(malformed, segments[i].malformed...)
	}
	slices.Sort(malformed)
	return rows, malformed, nil
}

// scan reads one segment, page by page.
func (t *Table) scan(ctx context.Context, number int, to *segment) error {
	input := &dynamodb.ScanInput{
		TableName:      &t.config.Name,
		ConsistentRead: aws.Bool(true),
		Segment:        aws.Int32(int32(number)),
		TotalSegments:  aws.Int32(inFlight),
	}
	for {
		var output *dynamodb.ScanOutput
		err := retryFor(ctx, pageLimit, transient, func(ctx context.Context) (err error) {
			output, err = t.config.Client.Scan(ctx, input)
			return err
		})
		if err != nil {
			return err
		}
		for _, it := range output.Items {
			to.add(it)
		}
		if len(output.LastEvaluatedKey) == 0 {
			return nil
		}
		input.ExclusiveStartKey = output.LastEvaluatedKey
	}
}

func (s *segment) add(it item) {
	row, err := rowOf(it)
	if err != nil {
		s.malformed = append(s.malformed, fmt.Sprintf("%s: %v", itemKeyOf(it), err))
		return
	}
	s.rows = append(s.rows, row)
}
