package scenarios

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"weir/generator"
)

// folder is where the files of a scenario are. Unlike [os.DirFS] it takes absolute paths, and those that lead out of it.
type folder string

func (f folder) resolve(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(string(f), name)
}

// Open opens a file by a path that starts at the folder, or at the root.
func (f folder) Open(name string) (fs.File, error) { return os.Open(f.resolve(name)) }

// ReadDir lists a folder in it, sorted.
func (f folder) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(f.resolve(name)) }

// fileReader reads the files that a scenario names. What is wrong with one is a problem of the field that names it, and says the
// line of the file.
type fileReader struct {
	fs.FS
	found *problems
}

// maxNamedFile bounds a file that a scenario names.
const maxNamedFile = 256 << 20

func (r *fileReader) read(name, path string) ([]byte, bool) {
	file, err := r.Open(name)
	if err != nil {
		r.found.add(path, "%v", err)
		return nil, false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxNamedFile+1))
	if err == nil && len(data) > maxNamedFile {
		err = fmt.Errorf("%s: a file has at most %s", name, Size(maxNamedFile))
	}
	if err == nil && isUTF16(data) {
		err = fmt.Errorf("%s: it is UTF-16: %s", name, asUTF8)
	}
	if err != nil {
		r.found.add(path, "%v", err)
		return nil, false
	}
	return withoutMark(data), true
}

// withoutMark is a text without the byte order mark that some editors write in front of UTF-8.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) }

// asUTF8 says what to do with a text that is UTF-16.
const asUTF8 = "write it as UTF-8, as iconv -f UTF-16 -t UTF-8 does"

// isUTF16 says that a text is UTF-16, by its byte order mark, or by half of its first character.
func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) || len(text) > 1 && text[0] == 0 != (text[1] == 0)
}

// keys are the lines of a file that are not blank, without the byte order marks of files that were put behind one another.
func (r *fileReader) keys(name, path string) []string {
	data, ok := r.read(name, path)
	if !ok {
		return nil
	}
	var keys []string
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxNamedFile)
	for lines.Scan() {
		if key := strings.TrimSpace(string(withoutMark(lines.Bytes()))); key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		r.found.add(path, "%s: there is no key in it", name)
	}
	return keys
}

// samples are the files of a folder that end in .json, in the order of their names.
func (r *fileReader) samples(name, at string) []generator.Sample {
	entries, err := fs.ReadDir(r.FS, name)
	if err != nil {
		r.found.add(at, "%v", err)
		return nil
	}
	var samples []generator.Sample
	for _, entry := range entries {
		file := path.Join(name, entry.Name())
		if entry.IsDir() || path.Ext(file) != ".json" {
			continue
		}
		if data, ok := r.read(file, at); ok {
			samples = append(samples, generator.Sample{Name: file, Data: data})
		}
	}
	if len(samples) == 0 {
		r.found.add(at, "%s: there is no file in it whose name ends in .json", name)
	}
	return samples
}

// curveHeader is the first line of a curve's file.
const curveHeader = "seconds,records_per_second"

// curve reads a CSV file of two columns: seconds since the start of the curve, and records a second.
func (r *fileReader) curve(name string, scale float64, path string) []generator.CurvePoint {
	data, ok := r.read(name, path)
	if !ok {
		return nil
	}
	lines := csv.NewReader(bytes.NewReader(data))
	lines.FieldsPerRecord, lines.TrimLeadingSpace, lines.ReuseRecord = 2, true, true
	var points []generator.CurvePoint
	for first := true; ; first = false {
		row, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.found.add(path, "%s: %v", name, err)
			return nil
		}
		line, _ := lines.FieldPos(0)
		if first {
			if header := strings.Join(row, ","); header != curveHeader {
				r.found.add(path, "%s:%d: the header is %q, not %s", name, line, header, curveHeader)
				return nil
			}
			continue
		}
		point, err := curvePoint(row[0], row[1], scale)
		if err != nil {
			r.found.add(path, "%s:%d: %v", name, line, err)
			return nil
		}
		points = append(points, point)
	}
	if len(points) == 0 {
		r.found.add(path, "%s: there is no point in it", name)
	}
	return points
}

// maxSeconds keeps a time within a Duration.
const maxSeconds = math.MaxInt64 / 1e9

func curvePoint(seconds, rate string, scale float64) (generator.CurvePoint, error) {
	at, err := strconv.ParseFloat(seconds, 64)
	if err != nil || !(at >= 0 && at < maxSeconds) {
		return generator.CurvePoint{}, fmt.Errorf("%q is not a number of seconds", seconds)
	}
	records, err := strconv.ParseFloat(rate, 64)
	if err != nil || !(records >= 0) || math.IsInf(records, 1) {
		return generator.CurvePoint{}, fmt.Errorf("%q is not a number of records a second", rate)
	}
	return generator.CurvePoint{At: time.Duration(math.Round(at * 1e9)), Rate: scale * records}, nil
}
