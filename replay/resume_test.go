package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// brittleS3 has one object, whose connections break after a while.
type brittleS3 struct {
	content, etag string
	// lasts is how many bytes the next connection carries; a negative one is refused.
	lasts func(call int) int
	// before is called before each answer.
	before func(s *brittleS3, call int)
	// ranges and matches say which conditions the endpoint knows.
	ranges, matches bool
	calls           int
}

func (s *brittleS3) ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return &s3.ListObjectsV2Output{Contents: []types.Object{{Key: aws.String("k")}}}, nil
}

func (s *brittleS3) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if s.before != nil {
		s.before(s, s.calls)
	}
	lasts := s.lasts(s.calls)
	s.calls++
	if lasts < 0 {
		return nil, &smithy.GenericAPIError{Code: "SlowDown", Message: "reduce your request rate"}
	}
	if s.matches && in.IfMatch != nil && *in.IfMatch != s.etag {
		return nil, &smithy.GenericAPIError{Code: "PreconditionFailed"}
	}
	answer, from := &s3.GetObjectOutput{ETag: aws.String(s.etag)}, 0
	if s.ranges && in.Range != nil {
		if _, err := fmt.Sscanf(*in.Range, "bytes=%d-", &from); err != nil {
			return nil, err
		}
		answer.ContentRange = aws.String(fmt.Sprintf("bytes %d-%d/%d", from, len(s.content)-1, len(s.content)))
	}
	rest := s.content[from:]
	answer.ContentLength = aws.Int64(int64(len(rest)))
	body := io.Reader(strings.NewReader(rest))
	if lasts < len(rest) {
		body = io.MultiReader(strings.NewReader(rest[:lasts]), iotest.ErrReader(errors.New("connection reset")))
	}
	answer.Body = io.NopCloser(body)
	return answer, nil
}

// readBrittle reads the object in virtual time.
func readBrittle(t *testing.T, s *brittleS3) (got []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f, err := findObjects(t.Context(), s, "s3://bucket/k")
		if err != nil {
			t.Fatal(err)
		}
		got = readLines(t, f)
	})
	return got
}

func TestAnObjectThatBreaksIsReadToItsEnd(t *testing.T) {
	var lines, want []string
	for i := range 2000 {
		lines = append(lines, fmt.Sprintf("line %d", i))
		want = append(want, fmt.Sprintf("k:%d line %d", i+1, i))
	}
	text := strings.Join(lines, "\n")
	random := rand.New(rand.NewPCG(1, 2))
	for name, content := range map[string]string{"plain": text, "gzip": zipped(t, text), "zstd": zstdOf(t, text)} {
		s := &brittleS3{content: content, etag: "1", ranges: true, matches: true}
		s.lasts = func(call int) int {
			if call%4 == 3 { // refused, then cut before the first byte
				return -random.IntN(2)
			}
			return 1 + random.IntN(len(content)/10)
		}
		if got := readBrittle(t, s); !slices.Equal(got, want) || s.calls < 10 {
			t.Errorf("%s: %d lines after %d calls, the last %q", name, len(got), s.calls, got[len(got)-1])
		}
	}
}

func TestAnObjectThatChangesIsNamedAndNotMixed(t *testing.T) {
	for name, known := range map[string][2]bool{"ranges and If-Match": {true, true}, "ranges": {true, false}} {
		s := &brittleS3{content: "a\nb\nc\nd\n", etag: "1", ranges: known[0], matches: known[1], lasts: func(int) int { return 5 }}
		s.before = func(s *brittleS3, call int) {
			if call == 1 {
				s.content, s.etag = "1\n2\n3\n4\n", "2"
			}
		}
		if got, want := readBrittle(t, s), []string{"k:1 a", "k:2 b", "k:3 c", "k:3: object changed while it was read"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestACompressedObjectThatChangesIsNamed(t *testing.T) {
	var text strings.Builder
	for i := range 50_000 {
		fmt.Fprintln(&text, "line", i*i)
	}
	for name, content := range map[string]string{"gzip": zipped(t, text.String()), "zstd": zstdOf(t, text.String())} {
		for _, lasts := range []int{1, len(content) / 2} { // within the header, and in the middle
			s := &brittleS3{content: content, etag: "1", ranges: true, matches: true, lasts: func(int) int { return lasts }}
			s.before = func(s *brittleS3, call int) { s.etag = fmt.Sprint(call) }
			got := readBrittle(t, s)
			if !strings.HasSuffix(got[len(got)-1], ": object changed while it was read") {
				t.Errorf("%s: %q", name, got[len(got)-1])
			}
		}
	}
}

func TestAnObjectThatStaysBrokenIsASkip(t *testing.T) {
	for name, s := range map[string]*brittleS3{
		"no ranges":       {ranges: false, lasts: func(int) int { return 4 }},
		"no further byte": {ranges: true, lasts: func(call int) int { return 4 * (1 - min(call, 1)) }},
		"refused":         {ranges: true, lasts: func(call int) int { return 4 - 5*min(call, 1) }},
	} {
		s.content, s.etag = "a\nb\nc\n", "1"
		if got, want := readBrittle(t, s), []string{"k:1 a", "k:2 b", "k:3: file breaks off"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if s.calls != 1+resumeTries {
			t.Errorf("%s: %d calls", name, s.calls)
		}
	}
}

func TestReadingARealEndpointResumes(t *testing.T) {
	client := fakeS3(t, map[string]string{"k": "a\nb\nc\nd\n"})
	f, err := findObjects(t.Context(), &cutting{S3: client}, "s3://bucket/k")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := readLines(t, f), []string{"k:1 a", "k:2 b", "k:3 c", "k:4 d"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// cutting cuts the first answer in its middle.
type cutting struct {
	S3
	cut bool
}

func (c *cutting) GetObject(ctx context.Context, in *s3.GetObjectInput, o ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	answer, err := c.S3.GetObject(ctx, in, o...)
	if err != nil || c.cut {
		return answer, err
	}
	c.cut = true
	body := answer.Body
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(body, 3), iotest.ErrReader(errors.New("connection reset"))), body}
	return answer, nil
}
