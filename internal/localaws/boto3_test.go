package localaws_test

import (
	"os/exec"
	"strings"
	"testing"

	"weir/internal/localaws"
)

// boto3Calls asks the target guard's questions, and what else a client written in Python would ask that Go's SDK does not.
const boto3Calls = `
import sys
try:
    import boto3
except ImportError:
    raise SystemExit("no boto3")
from botocore.config import Config

settings = dict(endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="weir", aws_secret_access_key="weir", config=Config(retries={"max_attempts": 1}))
assert boto3.client("sts", **settings).get_caller_identity()["Account"] == "123456789012"

kinesis = boto3.client("kinesis", **settings)
kinesis.create_stream(StreamName="s", ShardCount=1, Tags={"weir": "allowed"})
kinesis.add_tags_to_stream(StreamName="s", Tags={"weir:run": "1", "team": "a"})
kinesis.remove_tags_from_stream(StreamName="s", TagKeys=["team"])
tags = kinesis.list_tags_for_stream(StreamName="s")
assert {t["Key"]: t["Value"] for t in tags["Tags"]} == {"weir": "allowed", "weir:run": "1"} and not tags["HasMoreTags"], tags

dynamodb = boto3.client("dynamodb", **settings)
table = dynamodb.create_table(
    TableName="tab", Tags=[{"Key": "weir", "Value": "allowed"}], AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}], ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 2})
dynamodb.get_waiter("table_exists").wait(TableName="tab", WaiterConfig={"Delay": 1})
arn = table["TableDescription"]["TableArn"]
dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
dynamodb.untag_resource(ResourceArn=arn, TagKeys=["team"])
assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "weir", "Value": "allowed"}]
write = lambda n: dynamodb.batch_write_item(RequestItems={"tab": [{"PutRequest": {"Item": {"p": {"S": str(i)}, "v": {"S": "x" * 3000}}}} for i in range(n)]})
try:
    write(25)
    raise SystemExit("items of 3 KB and a table of 2 units")
except dynamodb.exceptions.ProvisionedThroughputExceededException:
    pass
`

func TestBoto3AsksTheGuardsQuestions(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	_, address, _ := start(t, localaws.Config{Account: "123456789012", Limits: true, SettleDelay: -1})
	out, err := exec.CommandContext(t.Context(), python, "-c", boto3Calls, address).CombinedOutput()
	if strings.TrimSpace(string(out)) == "no boto3" {
		t.Skip("python3 has no boto3")
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
