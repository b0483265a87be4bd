package replay

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// fakeS3 is a client of an S3 server that has a bucket "bucket" with the objects, by key.
func fakeS3(t *testing.T, objects map[string]string) *s3.Client {
	t.Helper()
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	t.Cleanup(server.Close)
	client := clientOf(t, server.URL)
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Fatal(err)
	}
	for key, content := range objects {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String(key), Body: strings.NewReader(content)})
		if err != nil {
			t.Fatal(err)
		}
	}
	return client
}

func clientOf(t *testing.T, endpoint string) *s3.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return s3.New(s3.Options{
		BaseEndpoint: &endpoint, Region: "eu-west-1", UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:  &http.Client{Transport: transport},
	})
}

// smallPages lists two keys a page, so that a few objects make many pages.
type smallPages struct{ S3 }

func (p smallPages) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, o ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	in.MaxKeys = aws.Int32(2)
	return p.S3.ListObjectsV2(ctx, in, o...)
}

func TestObjectsComeInKeyOrderOverPages(t *testing.T) {
	client := fakeS3(t, map[string]string{
		"f/2013/01/02/00/x.gz": zipped(t, "3\n"), "f/2013/01/01/09/b": "1\n", "f/2013/01/01/09/c": "2", "f/2013/": "", "f/2013/01/10": "4\n", "other": "5\n",
	})
	f, err := findObjects(t.Context(), smallPages{client}, "s3://bucket/f/")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"f/2013/01/01/09/b:1 1", "f/2013/01/01/09/c:1 2", "f/2013/01/02/00/x.gz:1 3", "f/2013/01/10:1 4"}
	if got := readLines(t, f); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestObjectsAreLeftOutByWhatIsBelowThePrefix(t *testing.T) {
	client := fakeS3(t, map[string]string{
		"d/part-0": "1\n", "d/.spark-staging-1/part-0": "2\n", "d/_spark_metadata/0": "3\n", "d/_started_7": "4\n", "d/_committed_7": "5\n", "d/.part-0.crc": "6\n",
		"d/part-0.crc": "7\n", "d/x/.y/z": "8\n", "_temporary/d/part-0": "9\n", ".d/part-0": "10\n", "d/_temporary/part-0": "11\n", "d/part-.0": "12\n",
	})
	for prefix, want := range map[string][]string{
		"d/":            {"d/part-.0:1 12", "d/part-0:1 1"},
		"d":             {"d/part-.0:1 12", "d/part-0:1 1"},
		"d/part-":       {"d/part-.0:1 12", "d/part-0:1 1", "d/part-0.crc:1 7"},
		"_temporary/":   {"_temporary/d/part-0:1 9"},
		"_temp":         {"_temporary/d/part-0:1 9"},
		"d/_temporary/": {"d/_temporary/part-0:1 11"},
		".d/":           {".d/part-0:1 10"},
		"":              {"d/part-.0:1 12", "d/part-0:1 1"},
		"d/.part-0.crc": {"d/.part-0.crc:1 6"},
		"d/x/":          nil,
		"d/x/.y/":       {"d/x/.y/z:1 8"},
	} {
		f, err := findObjects(t.Context(), client, "s3://bucket/"+prefix)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc(readLines(t, f), func(line string) bool { return strings.HasSuffix(line, "left out") })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", prefix, got, want)
		}
	}
}

func TestObjectsThatAreNotThere(t *testing.T) {
	client := fakeS3(t, map[string]string{"k": "1\n"})
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	denying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
	}))
	t.Cleanup(denying.Close)
	for _, test := range []struct {
		source string
		client S3
		want   error
		says   string
	}{
		{"s3://bucket/none", client, ErrEmpty, "recording s3://bucket/none holds no record: no object has that prefix"},
		{"s3://absent/k", client, ErrNotFound, "bucket absent does not exist"},
		{"s3:///k", client, ErrNotFound, "recording s3:///k does not exist: it names no bucket"},
		{"s3://bucket/k", clientOf(t, denying.URL), ErrDenied, "bucket bucket: access denied (AccessDenied)"},
		{"s3://bucket/k", clientOf(t, "http://"+nobody.Addr().String()), ErrUnreachable, "the S3 endpoint of bucket bucket does not answer: dial tcp"},
	} {
		_, err := findObjects(t.Context(), test.client, test.source)
		if !errors.Is(err, test.want) || !strings.HasPrefix(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %s", test.source, err, test.says)
		}
	}
}

// unlisted is a bucket whose objects may be read and not listed.
type unlisted struct{ S3 }

func (unlisted) ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return nil, &smithy.GenericAPIError{Code: "AccessDenied"}
}

func TestAnObjectIsReadFromABucketThatMayNotBeListed(t *testing.T) {
	client := unlisted{fakeS3(t, map[string]string{"a/k": "1\n", "a/k2": "2\n"})}
	f, err := findObjects(t.Context(), client, "s3://bucket/a/k")
	if err != nil {
		t.Fatal(err)
	}
	if got := readLines(t, f); !slices.Equal(got, []string{"a/k:1 1"}) {
		t.Errorf("%q", got)
	}
	for _, source := range []string{"s3://bucket", "s3://bucket/a/", "s3://bucket/none"} {
		if _, err := findObjects(t.Context(), client, source); !errors.Is(err, ErrDenied) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestAnObjectThatGoesAwayIsASkip(t *testing.T) {
	client := fakeS3(t, map[string]string{"1": "a\n", "2": "b\n", "3": "c\n"})
	f, err := findObjects(t.Context(), client, "s3://bucket")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("bucket"), Key: aws.String("2")}); err != nil {
		t.Fatal(err)
	}
	if got, want := readLines(t, f), []string{"1:1 a", "2:0: file cannot be opened", "3:1 c"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
