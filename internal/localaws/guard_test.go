package localaws_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"weir/internal/awsclient"
	"weir/internal/localaws"
)

// An embedded AWS plays an account, in which somebody's stream and table stand beside allowed ones.
func account(t *testing.T, fault localaws.Fault) *awsclient.Clients {
	t.Helper()
	c, _, _ := start(t, localaws.Config{Account: "123456789012", Fault: fault})
	for name, tags := range map[string]map[string]string{"orders": nil, "load-test": {"weir": "allowed", "team": "a"}, "forbidden": {"weir": "no"}} {
		if _, err := c.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(1), Tags: tags}); err != nil {
			t.Fatal(err)
		}
		input := &dynamodb.CreateTableInput{
			TableName: &name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
			AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}},
			KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}},
		}
		for key, value := range tags {
			input.Tags = append(input.Tags, dynamodbtypes.Tag{Key: &key, Value: &value})
		}
		if _, err := c.DynamoDB.CreateTable(t.Context(), input); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestTheGuardLetsThroughWhatTheScenarioAllowsAndNothingElse(t *testing.T) {
	c := account(t, nil)
	right := awsclient.Target{Account: "123456789012", Region: "us-east-1", Allow: []string{"load-test", "orders", "forbidden", "weir-*"}}
	with := func(change func(*awsclient.Target)) awsclient.Target {
		target := right
		change(&target)
		return target
	}
	for _, test := range []struct {
		name      string
		target    awsclient.Target
		resources awsclient.Resources
		want      string
	}{
		{"new ones", right, awsclient.Resources{Streams: []string{"weir-1-input"}, Tables: []string{"weir-1-rows"}}, ""},
		{"tagged ones", right, awsclient.Resources{Streams: []string{"load-test"}, Tables: []string{"load-test"}}, ""},
		{"another account", with(func(t *awsclient.Target) { t.Account = "210987654321" }), awsclient.Resources{}, "account 123456789012"},
		{"no account", with(func(t *awsclient.Target) { t.Account = "" }), awsclient.Resources{}, "account 123456789012"},
		{"another region", with(func(t *awsclient.Target) { t.Region = "eu-west-1" }), awsclient.Resources{}, "the region is us-east-1"},
		{"no region", with(func(t *awsclient.Target) { t.Region = "" }), awsclient.Resources{}, "the region is us-east-1"},
		{"another stream", right, awsclient.Resources{Streams: []string{"prod"}}, "prod is not among the names"},
		{"another table", right, awsclient.Resources{Tables: []string{"wei-1"}}, "wei-1 is not among the names"},
		{"a stream without the tag", right, awsclient.Resources{Streams: []string{"orders"}}, "stream orders is there, and has no tag weir=allowed"},
		{"a table without the tag", right, awsclient.Resources{Tables: []string{"orders"}}, "table orders is there"},
		{"a stream with another value", right, awsclient.Resources{Streams: []string{"forbidden"}}, "stream forbidden is there"},
		{"nothing allowed", with(func(t *awsclient.Target) { t.Allow = nil }), awsclient.Resources{Streams: []string{"load-test"}}, "not among the names"},
	} {
		err := c.Guard(t.Context(), test.target, test.resources)
		if (err == nil) != (test.want == "") || (err != nil && (!errors.Is(err, awsclient.ErrGuard) || !strings.Contains(err.Error(), test.want))) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestTheGuardOutlivesALostAnswer(t *testing.T) {
	lost := map[string]bool{"ListTagsForStream": true, "DescribeTable": true, "ListTagsOfResource": true}
	c := account(t, func(call localaws.Call) localaws.Action {
		if lost[call.Operation] && call.Number == 1 {
			return localaws.DropAfter
		}
		return localaws.Serve
	})
	target := awsclient.Target{Account: "123456789012", Region: "us-east-1", Allow: []string{"load-*"}}
	err := c.Guard(t.Context(), target, awsclient.Resources{Streams: []string{"load-test"}, Tables: []string{"load-test"}})
	if err != nil {
		t.Error(err)
	}
}

func TestOnlyWhatHasTheRunsTagWasMadeByIt(t *testing.T) {
	for _, test := range []struct {
		tags map[string]string
		run  string
		want bool
	}{
		{awsclient.RunTags("a"), "a", true},
		{awsclient.RunTags("a"), "b", false},
		{map[string]string{"weir": "allowed"}, "a", false},
		{map[string]string{"weir": "allowed"}, "", false},
		{nil, "", false},
	} {
		if got := awsclient.Made(test.tags, test.run); got != test.want {
			t.Errorf("tags %v, run %q: %v", test.tags, test.run, got)
		}
	}
}

func TestTagsAreAddedListedAndTakenAway(t *testing.T) {
	c := account(t, nil)
	stream := aws.String("orders")
	if _, err := c.Kinesis.AddTagsToStream(t.Context(), &kinesis.AddTagsToStreamInput{StreamName: stream, Tags: map[string]string{"a": "1", "b": "2", "c": "3"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Kinesis.RemoveTagsFromStream(t.Context(), &kinesis.RemoveTagsFromStreamInput{StreamName: stream, TagKeys: []string{"b", "x"}}); err != nil {
		t.Fatal(err)
	}
	page, err := c.Kinesis.ListTagsForStream(t.Context(), &kinesis.ListTagsForStreamInput{StreamName: stream, Limit: aws.Int32(1)})
	if err != nil || len(page.Tags) != 1 || aws.ToString(page.Tags[0].Key) != "a" || !aws.ToBool(page.HasMoreTags) {
		t.Errorf("%+v, %v", page, err)
	}
	if tags, err := c.StreamTags(t.Context(), "orders"); err != nil || len(tags) != 2 || tags["c"] != "3" {
		t.Errorf("%v, %v", tags, err)
	}
	table, err := c.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: stream})
	if err != nil {
		t.Fatal(err)
	}
	arn := table.Table.TableArn
	if _, err := c.DynamoDB.TagResource(t.Context(), &dynamodb.TagResourceInput{ResourceArn: arn, Tags: []dynamodbtypes.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DynamoDB.UntagResource(t.Context(), &dynamodb.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	if tags, err := c.TableTags(t.Context(), "orders"); err != nil || len(tags) != 1 || tags["b"] != "2" {
		t.Errorf("%v, %v", tags, err)
	}
	if tags, err := c.TableTags(t.Context(), "nothing"); err != nil || tags != nil {
		t.Errorf("%v, %v", tags, err)
	}
}
