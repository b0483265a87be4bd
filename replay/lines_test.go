package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
)

// memory is a source of files that are held in memory.
type memory struct {
	names []string
	files map[string]io.Reader
}

func inMemory(contents ...string) *memory {
	m := &memory{files: make(map[string]io.Reader)}
	for i, content := range contents {
		m.add(fmt.Sprintf("file%d", i), strings.NewReader(content))
	}
	return m
}

func (m *memory) add(name string, content io.Reader) {
	m.names = append(m.names, name)
	m.files[name] = content
}

func (m *memory) next(context.Context) (string, error) {
	if len(m.names) == 0 {
		return "", io.EOF
	}
	name := m.names[0]
	m.names = m.names[1:]
	return name, nil
}

func (m *memory) open(_ context.Context, name string) (io.ReadCloser, error) {
	content := m.files[name]
	if content == nil {
		return nil, errors.New("no such file")
	}
	return io.NopCloser(content), nil
}

func zipped(t testing.TB, texts ...string) string {
	t.Helper()
	var file bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&file)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return file.String()
}

// readLines is every line and every skip of some files, as one text each.
func readLines(t testing.TB, f files) (got []string) {
	t.Helper()
	l := &lines{open: oneByOne(f)}
	defer l.close()
	for {
		b, err := l.next(t.Context())
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.skip != nil {
			got = append(got, fmt.Sprintf("%s:%d: %s", b.skip.File, b.skip.Line, b.skip.Reason))
			continue
		}
		number := b.before
		for line := range bytes.Lines(b.data) {
			number++
			got = append(got, fmt.Sprintf("%s:%d %s", b.file, number, bytes.TrimSuffix(line, []byte("\n"))))
		}
	}
}

func TestLinesOfEveryKindOfFile(t *testing.T) {
	whole := zipped(t, "a\nb\n", "c\n")
	for _, test := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"plain", []string{"a\nb\n"}, []string{"file0:1 a", "file0:2 b"}},
		{"a last line without its end", []string{"a\nb"}, []string{"file0:1 a", "file0:2 b"}},
		{"files do not run into each other", []string{"a", "b"}, []string{"file0:1 a", "file1:1 b"}},
		{"empty lines keep their numbers", []string{"\n\na\n"}, []string{"file0:1 ", "file0:2 ", "file0:3 a"}},
		{"an empty file", []string{"", "a"}, []string{"file1:1 a"}},
		{"gzip of two members", []string{whole}, []string{"file0:1 a", "file0:2 b", "file0:3 c"}},
		{"gzip cut in its second member", []string{whole[:len(whole)-9], "z"}, []string{"file0:1 a", "file0:2 b", "file0:3 c", "file0:4: file breaks off", "file1:1 z"}},
		{"gzip with something behind it", []string{whole + "more"}, []string{"file0:1 a", "file0:2 b", "file0:3 c", "file0:4: file breaks off"}},
		{"gzip cut in its header", []string{whole[:5], "z"}, []string{"file0:0: file breaks off", "file1:1 z"}},
		{"Avro", []string{"Obj\x01....", "z"}, []string{"file0:0: file is compressed or encoded in a way that is not read", "file1:1 z"}},
		{"UTF-16", []string{"\xff\xfea\x00", "z"}, []string{"file0:0: file is compressed or encoded in a way that is not read", "file1:1 z"}},
		{"an overlong line", []string{"a\n" + strings.Repeat("x", 2*maxLine) + "\nb\n"}, []string{"file0:1 a", "file0:2: line over 24 MiB", "file0:3 b"}},
		{"an overlong last line", []string{strings.Repeat("x", maxLine+minRead*64), "z"}, []string{"file0:1: line over 24 MiB", "file1:1 z"}},
	} {
		if got := readLines(t, inMemory(test.files...)); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%q, want\n%q", test.name, got, test.want)
		}
	}
}

func TestLinesLongerThanAnArena(t *testing.T) {
	long := strings.Repeat("x", 3*arenaBytes)
	got := readLines(t, inMemory("a\n"+long+"\nb\n"))
	if !slices.Equal(got, []string{"file0:1 a", "file0:2 " + long, "file0:3 b"}) {
		t.Errorf("%d lines", len(got))
	}
}

func TestLinesStayWholeWhateverTheReads(t *testing.T) {
	m := &memory{files: make(map[string]io.Reader)}
	m.add("one byte at a time", iotest.OneByteReader(strings.NewReader("ab\r\ncd\n\nef")))
	m.add("data with its error", iotest.DataErrReader(strings.NewReader("gh\nij")))
	want := []string{
		"one byte at a time:1 ab\r", "one byte at a time:2 cd", "one byte at a time:3 ", "one byte at a time:4 ef",
		"data with its error:1 gh", "data with its error:2 ij",
	}
	if got := readLines(t, m); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFilesThatFailAreSkipsAndTheNextGoOn(t *testing.T) {
	m := &memory{files: make(map[string]io.Reader)}
	m.add("breaks", io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(errors.New("connection reset"))))
	m.add("absent", nil)
	m.add("good", strings.NewReader("c"))
	want := []string{"breaks:1 a", "breaks:2 b", "breaks:2: file breaks off", "absent:0: file cannot be opened", "good:1 c"}
	if got := readLines(t, m); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	reader, writer := io.Pipe()
	defer writer.Close()
	for name, body := range map[string]io.Reader{"pipe": reader, "stdin": iotest.ErrReader(errors.New("later"))} {
		ctx, cancel := context.WithCancel(t.Context())
		l := &lines{open: oneByOne(&stream{name: "-", from: body})}
		cancel()
		if b, err := l.next(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
		l.close()
	}
}

// TestKeysThatAreNotUTF8NeverBecomeOne whatever is made of their bytes.
func TestKeysThatAreNotUTF8NeverBecomeOne(t *testing.T) {
	o := textOptions("{\"t\":1,\"key\":\"M\xfcnchen\"}\n{\"t\":2,\"key\":\"M\xe4nchen\"}\n" + `{"t":3,"key":"\ud800"}` + "\n" + `{"t":4,"key":"München"}` + "\n")
	records, stats := play(t, o)
	if len(records) != 1 || records[0].Event.Key != "München" || stats.Skipped.ByReason[InvalidText] != 3 {
		t.Errorf("%+v, %+v", records, stats.Skipped)
	}
	if _, err := Open(t.Context(), textOptions("{\"t\":1,\"key\":\"M\xfcnchen\"}\n")); err == nil || !strings.Contains(err.Error(), "as iconv -f ISO-8859-1 -t UTF-8 does") {
		t.Error(err)
	}
}
