package harness_test

import (
	"context"
	"errors"
	"time"

	"weir/internal/awsclient"
	"weir/record"
	"weir/stream"
)

// eachStored reads a stream to its tip, shard by shard, without flush records. A shard's children come behind it.
func eachStored(ctx context.Context, target awsclient.Config, name string, each func(shard string, r *record.Stored)) error {
	clients, err := awsclient.New(ctx, target)
	if err != nil {
		return err
	}
	defer clients.Close()
	reader := stream.NewReader(stream.ReaderConfig{Client: clients.Kinesis, Stream: name, Clock: record.NewClock(time.Now()), Open: true})
	shards, err := reader.Shards(ctx)
	if err != nil {
		return err
	}
	errTip := errors.New("the tip")
	for _, shard := range shards {
		err := reader.Read(ctx, shard, record.Position{}, record.ReceiverFunc(func(_ context.Context, page record.Page) error {
			for i := range page.Records {
				if !record.IsFlush(page.Records[i].PartitionKey) {
					each(shard.ID, &page.Records[i])
				}
			}
			if page.Behind == 0 {
				return errTip
			}
			return nil
		}))
		if err != nil && !errors.Is(err, errTip) {
			return err
		}
	}
	return nil
}
