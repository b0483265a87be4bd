package localaws_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"weir/internal/localaws"
)

// once lets the first call of an operation on a bucket meet an action.
func once(action localaws.Action, operation, bucket string) localaws.Fault {
	return func(call localaws.Call) localaws.Action {
		if call.Service == "s3" && call.Operation == operation && call.Resource == bucket && call.Number == 1 {
			return action
		}
		return localaws.Serve
	}
}

func TestTheFaultHookReachesS3(t *testing.T) {
	for name, test := range map[string]struct {
		action localaws.Action
		code   string // of the error, if the client hears one
		stored bool
	}{
		"refused":                 {localaws.Action{Kind: localaws.Refuse, Code: "SlowDown"}, "SlowDown", false},
		"dropped before":          {localaws.DropBefore, "", false},
		"dropped after":           {localaws.DropAfter, "", true},
		"its connection breaks":   {localaws.Action{Kind: localaws.Break}, "", false},
		"late, and served at all": {localaws.Action{Delay: 1}, "none", true},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, _ := start(t, localaws.Config{SettleDelay: -1, Fault: once(test.action, "PutObject", "bucket")})
			if _, err := c.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
				t.Fatal(err)
			}
			single := func(o *s3.Options) { o.Retryer = aws.NopRetryer{} }
			_, err := c.S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader("body")}, single)
			api, heard := errors.AsType[smithy.APIError](err)
			switch {
			case test.code == "none" && err != nil, test.code != "none" && err == nil, heard != (test.code == "SlowDown"), heard && api.ErrorCode() != test.code:
				t.Errorf("%v", err)
			}
			out, err := c.S3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("bucket")})
			if err != nil || (len(out.Contents) == 1) != test.stored {
				t.Errorf("%d objects, %v", len(out.Contents), err)
			}
		})
	}
}

func TestObjectsAreReadInRangesAndListedByThePage(t *testing.T) {
	c, _, _ := start(t, localaws.Config{SettleDelay: -1, Fault: func(localaws.Call) localaws.Action { return localaws.Serve }})
	if _, err := c.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("0123456789"), 1000)
	for _, key := range []string{"a/1", "a/2", "a/3", "b/1"} {
		if _, err := c.S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: bytes.NewReader(body)}); err != nil {
			t.Fatal(err)
		}
	}
	part, err := c.S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a/2"), Range: aws.String("bytes=15-24"), ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		t.Fatal(err)
	}
	defer part.Body.Close()
	if part.ChecksumCRC32 != nil {
		t.Errorf("a part has the checksum %s of the whole", *part.ChecksumCRC32)
	}
	if got, err := io.ReadAll(part.Body); err != nil || string(got) != "5678901234" {
		t.Errorf("%q, %v", got, err)
	}
	var keys []string
	for page := s3.NewListObjectsV2Paginator(c.S3, &s3.ListObjectsV2Input{Bucket: aws.String("bucket"), Prefix: aws.String("a/"), MaxKeys: aws.Int32(2)}); page.HasMorePages(); {
		out, err := page.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range out.Contents {
			keys = append(keys, *object.Key)
		}
	}
	if strings.Join(keys, " ") != "a/1 a/2 a/3" {
		t.Errorf("%q", keys)
	}
}
