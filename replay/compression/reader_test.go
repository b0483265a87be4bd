package compression

import (
	"archive/zip"
	"bytes"
	stdgzip "compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// written is a text in each form that an encoder in Go writes. bzip2 has none; its files come from elsewhere (testdata/formats).
func written(t testing.TB, text []byte) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	add := func(name string, make func(io.Writer) io.WriteCloser) {
		var b bytes.Buffer
		w := make(&b)
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		files[name] = b.Bytes()
	}
	add(Gzip, func(w io.Writer) io.WriteCloser { return stdgzip.NewWriter(w) })
	add(Zstd, func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z })
	add(LZ4, func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) })
	add(FramedSnappy, func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) })
	add(ZIP, func(w io.Writer) io.WriteCloser {
		z := zip.NewWriter(w)
		member, _ := z.Create("recording.ndjson")
		return zipped{member, z}
	})
	files[RawSnappy] = s2.EncodeSnappy(nil, text)
	files[HadoopSnappy] = hadoop(text)
	files[EventStream] = selected(t, text)
	return files
}

type zipped struct {
	io.Writer
	io.Closer
}

// hadoop writes blocks of 256 KiB, as Hadoop's codec does, each in pieces.
func hadoop(text []byte) (file []byte) {
	for block := range slices.Chunk(text, 256<<10) {
		file = binary.BigEndian.AppendUint32(file, uint32(len(block)))
		for piece := range slices.Chunk(block, 100_000) {
			packed := s2.EncodeSnappy(nil, piece)
			file = append(binary.BigEndian.AppendUint32(file, uint32(len(packed))), packed...)
		}
	}
	return file
}

// records is a text of lines.
func records(n int) []byte {
	var b bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		fmt.Fprintf(&b, `{"kind":"order","key":"customer-%d","event_time":"2013-01-31T18:05:%02dZ","value":%d}`+"\n", r.IntN(1000), i%60, r.IntN(1_000_000))
	}
	return b.Bytes()
}

func read(file io.Reader) (text []byte, names []string, err error) {
	var r Reader
	if err := r.Reset(file); err != nil {
		return nil, r.Names(), err
	}
	if r.IsArchive() {
		if _, err := r.Next(); err != nil {
			return nil, r.Names(), err
		}
	}
	text, err = io.ReadAll(&r)
	return text, slices.Clone(r.Names()), err
}

// readMembers is the text of each file in an archive behind its name, and the errors.
func readMembers(t *testing.T, file io.Reader) (members []string, failures []error) {
	t.Helper()
	var r Reader
	if err := r.Reset(file); err != nil {
		t.Fatal(err)
	}
	for {
		more, err := r.Next()
		if err == nil && more {
			var text []byte
			text, err = io.ReadAll(&r)
			members = append(members, r.Member()+" "+string(text))
		}
		if err != nil {
			failures = append(failures, err)
		}
		if !more {
			return members, failures
		}
	}
}

// zipOf is an archive of files, each a name and a text.
func zipOf(t *testing.T, files ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, file := range files {
		member, err := w.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(member, file[1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEachFileOfAnArchiveIsATextOfItsOwn(t *testing.T) {
	gzipped := string(written(t, []byte("two"))[Gzip])
	inner := string(zipOf(t, [2]string{"c", "three"}, [2]string{"d", "four"}))
	archive := zipOf(t, [2]string{"a", "one"}, [2]string{"e/", ""}, [2]string{"b.gz", gzipped}, [2]string{"cut.gz", gzipped[:12]}, [2]string{"in.zip", inner}, [2]string{"z", "five"})
	for name, file := range map[string][]byte{"plain": archive, "in gzip": written(t, archive)[Gzip]} {
		members, failures := readMembers(t, bytes.NewReader(file))
		if want := []string{"a one", "e/ ", "b.gz two", "cut.gz t", "in.zip!c three", "in.zip!d four", "z five"}; !slices.Equal(members, want) || len(failures) != 1 {
			t.Errorf("%s: %q, want %q; %v", name, members, want, failures)
		}
	}
	// A flipped byte costs its own file, as long as the end of that is found.
	stored := zipOf(t, [2]string{"a", strings.Repeat("x", 1)}, [2]string{"b", "y"})
	at := bytes.Index(stored, []byte("PK\x07\x08")) + 4
	stored[at] ^= 1 // a checksum
	if members, failures := readMembers(t, bytes.NewReader(stored)); !slices.Equal(members, []string{"a x", "b y"}) || len(failures) != 1 || !strings.Contains(failures[0].Error(), "checksum of a") {
		t.Errorf("%q, %v", members, failures)
	}
	// An archive that breaks off says so once, and what that costs.
	for at := 40; at < len(archive); at += 7 {
		if _, failures := readMembers(t, bytes.NewReader(archive[:at])); len(failures) > 2 {
			t.Errorf("cut at %d: %v", at, failures)
		}
	}
	cut := zipOf(t, [2]string{"a", string(records(100))}, [2]string{"b", "y"})[:300]
	if _, failures := readMembers(t, bytes.NewReader(cut)); len(failures) != 1 || !strings.Contains(failures[0].Error(), "what stands behind a in the archive is not reached") {
		t.Error(failures)
	}
}

func TestEveryFormIsToldByItsContent(t *testing.T) {
	for _, n := range []int{1, 20, 5_000} {
		text := records(n)
		for name, file := range written(t, text) {
			for how, from := range map[string]io.Reader{"": bytes.NewReader(file), " in halves": iotest.HalfReader(bytes.NewReader(file)), " with its end": iotest.DataErrReader(bytes.NewReader(file))} {
				got, names, err := read(from)
				if err != nil || !slices.Equal(names, []string{name}) || !bytes.Equal(got, text) {
					t.Errorf("%s of %d lines%s: %d of %d bytes, as %q: %v", name, n, how, len(got), len(text), names, err)
				}
			}
		}
	}
}

func TestSeveralMembersAreOneText(t *testing.T) {
	one, two := records(300), records(500)
	first, second := written(t, one), written(t, two)
	for name := range first {
		if name == RawSnappy || name == ZIP {
			continue // the one has no end of its own, and the other one directory
		}
		got, _, err := read(io.MultiReader(bytes.NewReader(first[name]), bytes.NewReader(second[name])))
		if err != nil || !bytes.Equal(got, slices.Concat(one, two)) {
			t.Errorf("%s: %d of %d bytes: %v", name, len(got), len(one)+len(two), err)
		}
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, text := range []string{"first", "", "second\n", "third"} {
		header := &zip.FileHeader{Name: fmt.Sprint(i), Method: zip.Deflate}
		create := w.CreateHeader
		if i == 2 {
			header, create = stored(header, text), w.CreateRaw
		}
		member, err := create(header)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(member, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	members, failures := readMembers(t, &b)
	if want := []string{"0 first", "1 ", "2 second\n", "3 third"}; !slices.Equal(members, want) || failures != nil {
		t.Errorf("%q, want %q; %v", members, want, failures)
	}
}

func stored(header *zip.FileHeader, text string) *zip.FileHeader {
	header.Method = zip.Store
	header.UncompressedSize64, header.CompressedSize64 = uint64(len(text)), uint64(len(text))
	header.CRC32 = crc32.ChecksumIEEE([]byte(text))
	return header
}

func TestWhatIsCompressedTwiceIsReadToo(t *testing.T) {
	text := records(100)
	inner := written(t, text)
	for name, file := range inner {
		got, names, err := read(bytes.NewReader(written(t, file)[Gzip]))
		if err != nil || !slices.Equal(names, []string{Gzip, name}) || !bytes.Equal(got, text) {
			t.Errorf("%s: %d bytes as %q: %v", name, len(got), names, err)
		}
	}
	file := text
	for range 6 {
		file = written(t, file)[Gzip]
	}
	if _, _, err := read(bytes.NewReader(file)); !errors.Is(err, ErrTooDeep) {
		t.Error(err)
	}
}

// TestWhatIsCutGivesWhatCameBefore cuts each file at many places.
func TestWhatIsCutGivesWhatCameBefore(t *testing.T) {
	text := records(3_000)
	for name, file := range written(t, text) {
		step := len(file)/31 + 1
		if name == ZIP {
			file = file[:len(file)-200] // its directory is not needed
		}
		for at := 20; at < len(file); at += step {
			got, _, err := read(bytes.NewReader(file[:at]))
			if err == nil && !isText(file[:10]) && len(got) == len(text) {
				t.Errorf("%s cut at %d: nobody noticed", name, at)
			}
			if !bytes.HasPrefix(text, got) && err == nil {
				t.Errorf("%s cut at %d: what came is not what was there", name, at)
			}
			if err == nil && len(got) > 0 && name != HadoopSnappy {
				t.Errorf("%s cut at %d: %d bytes and no error", name, at, len(got))
			}
		}
	}
}

func TestPlainTextIsLeftAlone(t *testing.T) {
	for _, text := range []string{
		"", "x", "{}", `{"a":1}`, "[1]", "id,name\n1,a\n", "d,e\n1,2\n", "\xef\xbb\xbf{}", " \n\t{}", "é;ü\n1;2\n", "BZhang,1\n", "ORC", "PKW", "\xf3\x89\x9a\xc2\x0a\x01a", "\xf3\x89\x9a\xc2\x0a\x08customer",
		"item\x01t\x01key\n1\x012\x01a\n", "state\x01t\x01key\n", "id;Gr\xf6\xdfe;t;key\n1;2;3;a\n2;3;4;b\n", "\xd6lpreis;t;key\n1;2;a\n", "p\xf6, t\n1, 2\n",
		strings.Repeat("x\xf6 t hdl;", 4000), utf16Of("id;t\n1;2\n"), "item\x02t\x02key\n1\x022\n",
		strings.Repeat("日本", 40), "\x00\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x7b\x22",
	} {
		if got, names, err := read(strings.NewReader(text)); err != nil || len(names) > 0 || string(got) != text {
			t.Errorf("%q became %q as %q: %v", text, got, names, err)
		}
	}
}

// utf16Of is a text as programs of Windows write it, without a mark in front.
func utf16Of(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

// TestTextThatBeginsAsSnappyMayIsLeftAlone goes through all short texts of one encoding whose first letters pass for a length and a literal.
func TestTextThatBeginsAsSnappyMayIsLeftAlone(t *testing.T) {
	for first := 0x20; first <= 0xff; first++ {
		if first == 0x7f {
			continue // no letter in any encoding
		}
		for second := 0x20; second <= 0xff; second++ {
			text := string([]byte{byte(first), byte(second)}) + "dh\xf6he;tax;place\n20;4, 8 to 10;house\n8;text, dull;town hall\n"
			_, names, err := read(strings.NewReader(text))
			if err != nil || len(names) > 0 {
				t.Fatalf("%q is taken for %q: %v", text, names, err)
			}
		}
	}
}

// TestRawSnappyIsToldWhateverItsLength from where on its first bytes are none of a text, or the length is in them twice.
func TestRawSnappyIsToldWhateverItsLength(t *testing.T) {
	text := []byte("id,kind,t,key,place\n")
	for i := range 3000 {
		text = fmt.Appendf(text, "%d,order,%d,customer-%d,%x\n", i, 1_359_655_509_000+i*77, i*7919%1000, i*i*i)
	}
	for n := 61; n < len(text); n += 1 + n/50 {
		for _, encode := range []func(to, text []byte) []byte{s2.EncodeSnappy, s2.EncodeSnappyBest} {
			file := encode(nil, text[:n])
			if file[0] < 0x80 && file[1] < 0x80 {
				continue // a short literal, whose first bytes are those of a text
			}
			got, names, err := read(bytes.NewReader(file))
			if err != nil || !slices.Equal(names, []string{RawSnappy}) || !bytes.Equal(got, text[:n]) {
				t.Errorf("%d bytes: %d as %q, %v", n, len(got), names, err)
			}
		}
	}
}

// TestRawSnappyOfManyLiterals takes time in proportion to their number.
func TestRawSnappyOfManyLiterals(t *testing.T) {
	const n = 2_000_000
	file := append(binary.AppendUvarint(nil, n), 4<<2, 'a', 'a', 'a', 'a', 'a')
	for range n - 5 {
		file = append(file, 0, 'a')
	}
	var r Reader
	allocated := testing.AllocsPerRun(1, func() {
		_ = r.Reset(bytes.NewReader(file))
		if length, err := io.Copy(io.Discard, &r); length != n || err != nil {
			t.Errorf("%d bytes, %v", length, err)
		}
	})
	if allocated > 100 {
		t.Errorf("%.0f allocations", allocated)
	}
}

// TestALiteralIsReadByPieces so that a length that is a lie costs no memory.
func TestALiteralIsReadByPieces(t *testing.T) {
	file := append(binary.AppendUvarint(nil, 1<<31), 63<<2, 0xff, 0xff, 0xff, 0x7f, '{', '"')
	var r Reader
	if err := r.Reset(bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(&r)
	if string(text) != `{"` || err != io.ErrUnexpectedEOF {
		t.Errorf("%q, %v", text, err)
	}
	incompressible := make([]byte, 3<<20)
	for i := range incompressible {
		incompressible[i] = byte(' ' + rand.N(90))
	}
	incompressible[0] = '{'
	file = append(binary.AppendUvarint(nil, 3<<20), 62<<2, 0xff, 0xff, 0x2f)
	if got, names, err := read(bytes.NewReader(append(file, incompressible...))); err != nil || !slices.Equal(names, []string{RawSnappy}) || !bytes.Equal(got, incompressible) {
		t.Errorf("%d bytes as %q, %v", len(got), names, err)
	}
}

func TestAReaderServesOneFileAfterAnother(t *testing.T) {
	text := records(50)
	var r Reader
	for range 3 {
		for name, file := range written(t, text) {
			if err := r.Reset(bytes.NewReader(file)); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(&r); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
		}
	}
}

func TestAnArchiveThatCannotBeRead(t *testing.T) {
	encrypted, _ := hex.DecodeString("504b03040a0001000000000000000000000005000000050000000100000061")
	lzma, _ := hex.DecodeString("504b03040a0000000e00000000000000000005000000050000000100000061")
	for want, file := range map[string][]byte{"ZIP: it is encrypted: unpack it first; what stands behind a": encrypted, "ZIP: it is packed by method 14": lzma} {
		if _, _, err := read(bytes.NewReader(append(file, "12345"...))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	file := written(t, records(3))[ZIP]
	flipped := slices.Clone(file)
	flipped[60] ^= 1
	if _, _, err := read(bytes.NewReader(flipped)); err == nil {
		t.Error("a flipped byte was not noticed")
	}
}

func FuzzReader(f *testing.F) {
	text := records(5)
	for _, file := range written(f, text) {
		f.Add(file)
		f.Add(file[:len(file)/2])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var r Reader
		if r.Reset(bytes.NewReader(file)) != nil {
			return
		}
		for more := true; more; more, _ = r.Next() {
			_, _ = io.CopyN(io.Discard, &r, 8<<20)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	text := records(50_000)
	files := written(b, text)
	for _, name := range []string{Gzip, Zstd, LZ4, FramedSnappy, RawSnappy, HadoopSnappy, ZIP} {
		b.Run(name, func(b *testing.B) {
			var r Reader
			buffer := make([]byte, 64<<10)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := r.Reset(bytes.NewReader(files[name])); err != nil {
					b.Fatal(err)
				}
				_, _ = r.Next()
				for {
					if _, err := r.Read(buffer); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// TestZerosBehindGzipArePadding as they are for gzip's command, and anything else is not.
func TestZerosBehindGzipArePadding(t *testing.T) {
	file := string(written(t, records(100))[Gzip])
	for behind, whole := range map[string]bool{"\x00": true, strings.Repeat("\x00", 100_000): true, "\x00junk that is no gzip": false, "junk that is no gzip": false} {
		text, _, err := read(strings.NewReader(file + behind))
		if (err == nil) != whole || !bytes.Equal(text, records(100)) {
			t.Errorf("%d bytes, %.10q behind: %d bytes, %v", len(file), behind, len(text), err)
		}
	}
}
