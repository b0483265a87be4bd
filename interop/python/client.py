"""What a client written in Python does with Kinesis, DynamoDB, S3 and STS. It takes its endpoint from the environment, and fails loudly."""

import decimal
import io
import time

import boto3
from botocore.exceptions import ClientError

kinesis, dynamodb, s3, sts = (boto3.client(name) for name in ("kinesis", "dynamodb", "s3", "sts"))


def refused(code, call, tries=1, **arguments):
    for _ in range(tries):
        try:
            call(**arguments)
        except ClientError as error:
            assert error.response["Error"]["Code"] == code, error
            return error
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def streams():
    kinesis.create_stream(StreamName="events", ShardCount=2, Tags={"weir": "allowed"})
    refused("ResourceInUseException", kinesis.create_stream, StreamName="events", ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName="events", WaiterConfig={"Delay": 1})
    kinesis.add_tags_to_stream(StreamName="events", Tags={"weir:run": "1", "team": "a"})
    kinesis.remove_tags_from_stream(StreamName="events", TagKeys=["team"])
    tags = kinesis.list_tags_for_stream(StreamName="events")
    assert {t["Key"]: t["Value"] for t in tags["Tags"]} == {"weir": "allowed", "weir:run": "1"} and not tags["HasMoreTags"], tags
    out = kinesis.put_records(StreamName="events", Records=[{"Data": b"%d" % i, "PartitionKey": f"k{i}"} for i in range(400)])
    assert out["FailedRecordCount"] == 0 and all(r["SequenceNumber"] for r in out["Records"]), out
    refused("ValidationException", kinesis.put_records, StreamName="events", Records=[{"Data": b"", "PartitionKey": "k"}] * 501)
    shards = [s["ShardId"] for s in kinesis.list_shards(StreamName="events")["Shards"]]
    kinesis.split_shard(StreamName="events", ShardToSplit=shards[0], NewStartingHashKey=str(2**126))
    kinesis.get_waiter("stream_exists").wait(StreamName="events", WaiterConfig={"Delay": 1})
    refused("LimitExceededException", kinesis.update_shard_count, StreamName="events", TargetShardCount=7, ScalingType="UNIFORM_SCALING")
    data = []
    for shard in kinesis.list_shards(StreamName="events")["Shards"]:
        data += records("events", shard["ShardId"])
    assert sorted(int(d) for d in data) == list(range(400)), len(data)
    refused("ResourceNotFoundException", kinesis.describe_stream, StreamName="absent")


def records(stream, shard):
    data, iterator = [], kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    while iterator:
        out = kinesis.get_records(ShardIterator=iterator, Limit=150)
        data += [r["Data"] for r in out["Records"]]
        iterator = out.get("NextShardIterator")
        assert iterator or out["ChildShards"], out
        if out["MillisBehindLatest"] == 0:
            break
    return data


def consumers():
    arn = kinesis.describe_stream_summary(StreamName="events")["StreamDescriptionSummary"]["StreamARN"]
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="python")["Consumer"]["ConsumerARN"]
    while kinesis.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]["ConsumerStatus"] != "ACTIVE":
        time.sleep(0.1)
    shard = kinesis.list_shards(StreamName="events", ShardFilter={"Type": "AT_LATEST"})["Shards"][0]["ShardId"]
    stream = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard, StartingPosition={"Type": "TRIM_HORIZON"})["EventStream"]
    event = next(iter(stream))["SubscribeToShardEvent"]
    assert event["MillisBehindLatest"] == 0 and event["ContinuationSequenceNumber"], event
    stream.close()
    refused("ResourceInUseException", kinesis.delete_stream, StreamName="events")
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    kinesis.delete_stream(StreamName="events")


def tables():
    table = dynamodb.create_table(
        TableName="rows", Tags=[{"Key": "weir", "Value": "allowed"}], KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": t} for a, t in (("k", "S"), ("n", "N"), ("owner_id", "S"))], BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[{"IndexName": "by-owner", "KeySchema": [{"AttributeName": "owner_id", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}])
    dynamodb.get_waiter("table_exists").wait(TableName="rows", WaiterConfig={"Delay": 1})
    arn = table["TableDescription"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "weir", "Value": "allowed"}]
    rows = boto3.resource("dynamodb").Table("rows")
    with rows.batch_writer() as batch:
        for i in range(300):
            batch.put_item(Item={"k": f"k{i % 3}", "n": i, "owner_id": f"o{i % 7}", "v": decimal.Decimal("1.50"), "set": {1, 2}})
    conditions = boto3.dynamodb.conditions
    page = rows.query(KeyConditionExpression=conditions.Key("k").eq("k1") & conditions.Key("n").between(10, 40), ScanIndexForward=False)
    assert [int(i["n"]) for i in page["Items"]] == list(range(40, 9, -3)), page
    assert rows.query(IndexName="by-owner", KeyConditionExpression=conditions.Key("owner_id").eq("o3"))["Count"] == 43
    # As programs do that are older than expressions.
    page = rows.query(KeyConditions={"k": condition("EQ", "k1"), "n": condition("GE", 295)}, QueryFilter={"owner_id": condition("NE", "o4")}, AttributesToGet=["n"])
    assert page["Items"] == [{"n": 295}] and page["ScannedCount"] == 2, page
    page = rows.scan(ScanFilter={"n": condition("BETWEEN", 5, 7), "owner_id": condition("BEGINS_WITH", "o")}, ConditionalOperator="AND", AttributesToGet=["n"])
    assert sorted(i["n"] for i in page["Items"]) == [5, 6, 7], page
    refused("ValidationException", rows.scan, ScanFilter={"n": condition("NULL")}, FilterExpression=conditions.Attr("v").exists())
    segments = [rows.scan(Segment=s, TotalSegments=4)["Items"] for s in range(4)]
    assert sorted(int(i["n"]) for s in segments for i in s) == list(range(300))
    refused("ConditionalCheckFailedException", rows.put_item, Item={"k": "k1", "n": 1}, ConditionExpression="attribute_not_exists(k)")
    after = rows.update_item(Key={"k": "k1", "n": 1}, UpdateExpression="ADD v :one", ExpressionAttributeValues={":one": decimal.Decimal("0.25")}, ReturnValues="UPDATED_NEW")
    assert after["Attributes"] == {"v": decimal.Decimal("1.75")}, after
    refused("ValidationException", rows.update_item, Key={"k": "k1", "n": 1}, UpdateExpression="SET state = :s", ExpressionAttributeValues={":s": "x"})
    dynamodb.update_table(TableName="rows", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
                          GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-owner", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}])
    dynamodb.get_waiter("table_exists").wait(TableName="rows", WaiterConfig={"Delay": 1})
    large = [{"PutRequest": {"Item": {"k": {"S": str(i)}, "n": {"N": "1"}, "v": {"S": "x" * 3000}}}} for i in range(25)]
    impatient = boto3.client("dynamodb", config=once())
    assert len(impatient.batch_write_item(RequestItems={"rows": large})["UnprocessedItems"]["rows"]) > 20
    # What is left, with what has come since, may be enough for one more item.
    throttled = refused("ProvisionedThroughputExceededException", impatient.batch_write_item, tries=5, RequestItems={"rows": large})
    assert throttled.response["ThrottlingReasons"][0]["reason"] == "TableWriteProvisionedThroughputExceeded", throttled.response
    dynamodb.delete_table(TableName="rows")


def condition(operator, *values):
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


def once():
    from botocore.config import Config

    return Config(retries={"max_attempts": 1})


def objects():
    s3.create_bucket(Bucket="recordings")
    for i in range(5):
        s3.put_object(Bucket="recordings", Key=f"a/{i}", Body=b"0123456789" * 100)
    listed = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="recordings", Prefix="a/", PaginationConfig={"PageSize": 2}) for o in p["Contents"]]
    assert listed == [f"a/{i}" for i in range(5)], listed
    assert s3.get_object(Bucket="recordings", Key="a/1", Range="bytes=5-14")["Body"].read() == b"5678901234"
    s3.upload_fileobj(io.BytesIO(bytes(9 << 20)), "recordings", "large")  # in parts
    assert s3.head_object(Bucket="recordings", Key="large")["ContentLength"] == 9 << 20


assert sts.get_caller_identity()["Account"] == "123456789012"
streams()
consumers()
tables()
objects()
print("all is well")
