package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
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

// TestAConnectionThatIsCutIsTakenUpAgain goes through the real client and the real protocol.
func TestAConnectionThatIsCutIsTakenUpAgain(t *testing.T) {
	backend := gofakes3.New(s3mem.New()).Server()
	var cuts atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/k") || cuts.Add(1) > 2 {
			backend.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		backend.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // closes the connection
	}))
	t.Cleanup(server.Close)
	client := clientOf(t, server.URL)
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
		t.Fatal(err)
	}
	content := zipped(t, strings.Repeat("a\nb\n", 1000))
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("k"), Body: strings.NewReader(content)}); err != nil {
		t.Fatal(err)
	}
	f, err := findObjects(t.Context(), client, "s3://bucket/k")
	if err != nil {
		t.Fatal(err)
	}
	if got := readLines(t, f); len(got) != 2000 || got[1999] != "k:2000 b" || cuts.Load() != 3 {
		t.Errorf("%d lines, %d calls, the last %q", len(got), cuts.Load(), got[len(got)-1])
	}
}
