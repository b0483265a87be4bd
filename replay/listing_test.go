package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// hours is a bucket with an object for each of many hours, and nothing in memory.
type hours struct {
	n     int
	start time.Time
}

func (h *hours) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	from, _ := strconv.Atoi(aws.ToString(in.ContinuationToken))
	out := &s3.ListObjectsV2Output{}
	for i := from; i < min(from+1000, h.n); i++ {
		at := h.start.Add(time.Duration(i) * time.Hour)
		out.Contents = append(out.Contents, types.Object{Key: aws.String(at.Format("firehose/2006/01/02/15/") + fmt.Sprintf("orders-1-%08d.gz", i))})
	}
	if from+1000 < h.n {
		out.IsTruncated, out.NextContinuationToken = aws.Bool(true), aws.String(strconv.Itoa(from+1000))
	}
	return out, nil
}

func (h *hours) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, errors.New("nobody is to open any")
}

// list goes through the listing of n objects, of which a day is asked for.
func list(t *testing.T, n int) {
	t.Helper()
	start := mustInstant(t, "1980-01-01")
	o := &Options{Source: "s3://bucket/firehose/", S3: &hours{n, start}, From: start.Add(1000 * 24 * time.Hour), To: start.Add(1001 * 24 * time.Hour)}
	var left unopened
	f, err := newLaps(t.Context(), o, &left)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	named := 0
	for {
		name, err := f.next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(name, err)
		}
		named++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if named != 26 || left.snapshot().Files != int64(n-26) { // the day, and an hour on either side
		t.Errorf("%d objects are opened, and %d are not", named, left.snapshot().Files)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d bytes are held after %d keys", grown, n)
	}
}

func TestAListingTakesTheMemoryOfAPage(t *testing.T) { list(t, 30_000) }

func TestProveAListingOfAMillionKeysTakesTheMemoryOfAPage(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("make prove runs it")
	}
	list(t, 1_000_000)
}
