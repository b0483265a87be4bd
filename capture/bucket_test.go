package capture

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"weir/internal/awsclient"
	"weir/internal/localaws"
)

// bucket is an empty one of an embedded AWS.
func bucket(t *testing.T) *s3.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- localaws.New(localaws.Config{}).Serve(ctx, listener) }()
	clients, err := awsclient.New(t.Context(), awsclient.Config{Endpoint: "http://" + listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		clients.Close()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	if _, err := clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Fatal(err)
	}
	return clients.S3
}

func put(t *testing.T, client *s3.Client, key, content string) {
	t.Helper()
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: strings.NewReader(content)}); err != nil {
		t.Fatal(err)
	}
}

func TestABucketOfSomethingElseIsRefused(t *testing.T) {
	client := bucket(t)
	put(t, client, "orders/", "")
	put(t, client, "orders/.hidden", "x")
	place := &Bucket{Client: client, Name: "bucket", Prefix: "orders/"}
	if text, _, err := place.Open(t.Context()); text != nil || err != nil {
		t.Errorf("what replay does not read is in the way: %q, %v", text, err)
	}
	put(t, client, "orders/00000001.ndjson.gz", "x") // of a capture whose checkpoint was left behind
	if _, _, err := place.Open(t.Context()); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), "s3://bucket/orders/ holds 00000001.ndjson.gz") {
		t.Error(err)
	}
}

// One of two that begin at once has the place; and one that goes on takes it from one that still runs, whatever that has written by then.
func TestAPlaceInABucketIsOneCapturesAtATime(t *testing.T) {
	client := bucket(t)
	place := func() *Bucket {
		b := &Bucket{Client: client, Name: "bucket", Prefix: "orders/"}
		if _, _, err := b.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(b *Bucket, name, text string) error {
		to, err := b.Begin(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return to.Commit(t.Context())
	}
	one, other := place(), place()
	if err := one.Checkpoint(t.Context(), []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := other.Checkpoint(t.Context(), []byte("other")); !errors.Is(err, ErrTaken) {
		t.Errorf("both begin: %v", err)
	}
	next := place()
	if err := next.Checkpoint(t.Context(), []byte("next")); err != nil {
		t.Fatal(err)
	}
	if err := write(one, "1", "of one"); err != nil { // which does not know yet
		t.Fatal(err)
	}
	if err := write(next, "1", "of next"); err != nil {
		t.Errorf("what nobody has said to be whole is in the way: %v", err)
	}
	if err := write(one, "1", "of one"); !errors.Is(err, ErrTaken) {
		t.Errorf("it writes over a file of the next: %v", err)
	}
	if err := one.Checkpoint(t.Context(), []byte("one")); !errors.Is(err, ErrTaken) {
		t.Errorf("it goes on all the same: %v", err)
	}
	if text, err := next.Load(t.Context(), "1"); string(text) != "of next" {
		t.Errorf("%q, %v", text, err)
	}
}
