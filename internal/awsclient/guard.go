package awsclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// The tags of what a run may touch. What it makes has both; what is there already needs the first.
const (
	AllowedTag   = "weir"
	AllowedValue = "allowed"
	RunTag       = "weir:run"
	// OtherReadersTag is the tag of a new stream that says how many other consumers poll it. The embedded AWS models them, and AWS ignores it.
	OtherReadersTag = "weir:other-readers"
)

// ErrGuard says that a run may not touch its target: nothing was made, sent or removed.
var ErrGuard = errors.New("the target is not the one that the scenario allows")

// Target is what a run beyond this machine may touch. What it leaves empty matches nothing.
type Target struct {
	Account, Region string
	// Allow are names of streams and tables; a trailing * stands for any rest.
	Allow []string
}

// Resources are the streams and tables that a run would use.
type Resources struct{ Streams, Tables []string }

// RunTags are those of what a run makes.
func RunTags(run string) map[string]string {
	return map[string]string{AllowedTag: AllowedValue, RunTag: run}
}

// Guard compares the target with the world, before anything else is done there: the account that the credentials belong to (STS,
// GetCallerIdentity), the region, the names, and the tag on each resource that is there already. The error wraps [ErrGuard], or is why the
// world could not be asked.
func (c *Clients) Guard(ctx context.Context, target Target, resources Resources) error {
	if region := c.Kinesis.Options().Region; region != target.Region {
		return refused("the region is %s, and the scenario allows %s", region, target.Region)
	}
	identity, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("whose account is it? %w", err)
	}
	if account := aws.ToString(identity.Account); account == "" || account != target.Account {
		return refused("the credentials are those of account %s, and the scenario allows %s", account, target.Account)
	}
	for _, name := range slices.Concat(resources.Streams, resources.Tables) {
		if !target.allows(name) {
			return refused("%s is not among the names that the scenario allows: %s", name, strings.Join(target.Allow, ", "))
		}
	}
	for _, name := range resources.Streams {
		if err := c.guardTags("stream "+name, func() (map[string]string, error) { return c.StreamTags(ctx, name) }); err != nil {
			return err
		}
	}
	for _, name := range resources.Tables {
		if err := c.guardTags("table "+name, func() (map[string]string, error) { return c.TableTags(ctx, name) }); err != nil {
			return err
		}
	}
	return nil
}

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrGuard, fmt.Sprintf(format, args...))
}

func (t *Target) allows(name string) bool {
	for _, pattern := range t.Allow {
		prefix, any := strings.CutSuffix(pattern, "*")
		if name == pattern || (any && strings.HasPrefix(name, prefix)) {
			return true
		}
	}
	return false
}

// guardTags refuses a resource that is there and has not the tag.
func (c *Clients) guardTags(what string, tags func() (map[string]string, error)) error {
	found, err := tags()
	if err != nil {
		return err
	}
	if found != nil && found[AllowedTag] != AllowedValue {
		return refused("%s is there, and has no tag %s=%s", what, AllowedTag, AllowedValue)
	}
	return nil
}

// patience retries the calls of the guard, and of whoever removes by tags, for they are nobody's measurement: AWS allows five ListTagsForStream
// a second in an account (API reference), and a stream whose tags cannot be told is never removed.
func patience() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = 6, time.Second/2
	})
}

// StreamTags are the tags of a stream, nil if there is none of that name.
func (c *Clients) StreamTags(ctx context.Context, name string) (map[string]string, error) {
	tags := make(map[string]string)
	input := &kinesis.ListTagsForStreamInput{StreamName: &name}
	for {
		page, err := c.Kinesis.ListTagsForStream(ctx, input, func(o *kinesis.Options) { o.Retryer = patience() })
		if _, absent := errors.AsType[*kinesistypes.ResourceNotFoundException](err); absent {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("tags of stream %s: %w", name, err)
		}
		for _, tag := range page.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			input.ExclusiveStartTagKey = tag.Key
		}
		if !aws.ToBool(page.HasMoreTags) {
			return tags, nil
		}
	}
}

// TableTags is StreamTags for a table.
func (c *Clients) TableTags(ctx context.Context, name string) (map[string]string, error) {
	patient := func(o *dynamodb.Options) { o.Retryer = patience() }
	table, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name}, patient)
	if _, absent := errors.AsType[*dynamodbtypes.ResourceNotFoundException](err); absent {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("tags of table %s: %w", name, err)
	}
	tags := make(map[string]string)
	input := &dynamodb.ListTagsOfResourceInput{ResourceArn: table.Table.TableArn}
	for {
		page, err := c.DynamoDB.ListTagsOfResource(ctx, input, patient)
		if err != nil {
			return nil, fmt.Errorf("tags of table %s: %w", name, err)
		}
		for _, tag := range page.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if page.NextToken == nil {
			return tags, nil
		}
		input.NextToken = page.NextToken
	}
}

// Made says that a run has made a resource with these tags, so that it may remove it.
func Made(tags map[string]string, run string) bool { return run != "" && tags[RunTag] == run }
