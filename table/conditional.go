package table

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"weir/record"
)

// putAllNewer puts rows of different ids, each unless a newer one is there, which is one that counts more: a window's row only grows, be it that a late record
// was allowed in, or that another run wrote it. BatchWriteItem takes no conditions, so that this is a call a row.
func (t *Table) putAllNewer(ctx context.Context, puts []put) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for i := range puts {
		group.Go(func() error { return t.putNewer(ctx, &puts[i]) })
	}
	return group.Wait()
}

func (t *Table) putNewer(ctx context.Context, p *put) error {
	it := p.request.PutRequest.Item
	input := &dynamodb.PutItemInput{
		TableName: &t.config.Name, Item: it,
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR #count <= :count"),
		ExpressionAttributeNames:  map[string]string{"#count": attributeCount},
		ExpressionAttributeValues: map[string]types.AttributeValue{":count": &types.AttributeValueMemberN{Value: strconv.FormatInt(p.row.Count, 10)}},
	}
	err := retry(ctx, transient, func(ctx context.Context) error {
		if err := t.pacer.wait(ctx, unitsOf(it)); err != nil {
			return err
		}
		_, err := t.config.Client.PutItem(ctx, input)
		t.use.refused(err, 1)
		return err
	})
	if _, newer := errors.AsType[*types.ConditionalCheckFailedException](err); newer {
		t.use.supersede()
		err = nil
	}
	if err != nil {
		return t.notWritten([]put{*p}, err)
	}
	*p.acknowledged = true
	if t.config.Observer != nil {
		// If a newer one is there, this one has been stood for.
		t.config.Observer.Written([]record.Row{*p.row}, t.config.Clock.Now())
	}
	return nil
}
