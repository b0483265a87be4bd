package scenarios

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/generator"
)

// ErrNoKinds says that a scenario has no load to be generated.
var ErrNoKinds = errors.New("the scenario has no kinds")

// Generator is the load of a resolved scenario with kinds, in the generator's plain numbers: the scale is in the rates, and the files
// that it names are read. run names the run in the records' ids.
func (s *Scenario) Generator(run string) (generator.Config, error) {
	if len(s.Load.Kinds) == 0 {
		return generator.Config{}, ErrNoKinds
	}
	var found problems
	c := s.generator(run, &found)
	return c, found.err()
}

// generator converts what it can, and notes what it cannot.
func (s *Scenario) generator(run string, found *problems) generator.Config {
	l := &s.Load
	c := generator.Config{Seed: s.Seed, Run: run, Fields: s.Fields.Record(), Shards: s.Pipeline.Input.Shards}
	c.Duplicates, c.Unreadable = float64(valueOf(l.Duplicates)), float64(valueOf(l.Unreadable))
	scale := 1.0
	if l.Scale != nil {
		scale = float64(*l.Scale)
	}
	files := fileReader{s.Files, found}
	if files.FS == nil {
		files.FS = folder("")
	}
	for i := range l.Rate {
		c.Phases = append(c.Phases, l.Rate[i].generator(scale, &files, index("load.rate", i)))
	}
	for _, name := range slices.Sorted(maps.Keys(l.Kinds)) {
		kind := l.Kinds[name]
		c.Kinds = append(c.Kinds, kind.generator(name, &files, join("load.kinds", name)))
	}
	return c
}

// valueOf is what p points at, or zero.
func valueOf[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

func (f *Phase) generator(scale float64, files *fileReader, path string) generator.Phase {
	rate := func(r *Rate) float64 { return scale * valueOf(r).PerSecond() }
	p := generator.Phase{
		Name: f.Name, Shape: generator.Shape(f.Shape), For: time.Duration(valueOf(f.For)),
		At: rate(f.At), From: rate(f.From), To: rate(f.To), Steps: int(valueOf(f.Steps)),
		Amplitude: rate(f.Amplitude), Every: time.Duration(valueOf(f.Every)),
		Peak: rate(f.Peak), Lasting: time.Duration(valueOf(f.Lasting)),
	}
	if p.Name == "" {
		p.Name = string(f.Shape)
	}
	for _, point := range f.Curve {
		p.Curve = append(p.Curve, generator.CurvePoint{At: time.Duration(point.At), Rate: scale * point.Rate.PerSecond()})
	}
	if f.File != "" {
		p.Curve = files.curve(f.File, scale, join(path, "file"))
	}
	if f.For == nil && len(p.Curve) > 0 {
		p.For = p.Curve[len(p.Curve)-1].At
	}
	return p
}

func (k *Kind) generator(name string, files *fileReader, path string) generator.Kind {
	g := generator.Kind{
		Name: name, Weight: float64(k.Weight), Keys: k.Keys.generator(files, join(path, "keys")), Decimals: valueOf(k.Decimals), Template: k.Template,
	}
	if k.Size != nil {
		g.Size = k.Size.generator()
	}
	if k.Value != nil {
		g.Value = k.Value.generator()
	}
	if k.Delay != nil {
		g.Delay, g.DelayShare = k.Delay.generator(), float64(k.Delay.Share)
	}
	if k.Samples != "" {
		g.Samples = files.samples(k.Samples, join(path, "samples"))
	}
	return g
}

func (k *Keys) generator(files *fileReader, path string) generator.Keys {
	var g generator.Keys
	if u := k.Uniform; u != nil {
		g.Uniform = &generator.UniformKeys{Count: int(u.Count)}
	}
	if z := k.Zipf; z != nil {
		g.Zipf = &generator.ZipfKeys{Count: int(z.Count), Exponent: float64(z.Exponent)}
	}
	if h := k.Hot; h != nil {
		g.Hot = &generator.HotKeys{Count: int(h.Count), Hot: int(h.Hot), Share: float64(h.Share)}
	}
	if h := k.HotShard; h != nil {
		g.HotShard = &generator.HotShard{Count: int(h.Count), Shard: h.Shard, Share: float64(h.Share)}
	}
	if s := k.Sequential; s != nil {
		g.Sequential = &generator.SequentialKeys{Count: int(s.Count)}
	}
	if k.File != "" {
		g.List = files.keys(k.File, join(path, "file"))
	}
	return g
}

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
	if err != nil {
		r.found.add(path, "%v", err)
		return nil, false
	}
	return data, true
}

// keys are the lines of a file that are not blank.
func (r *fileReader) keys(name, path string) []string {
	data, ok := r.read(name, path)
	if !ok {
		return nil
	}
	var keys []string
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxNamedFile)
	for lines.Scan() {
		if key := strings.TrimSpace(lines.Text()); key != "" {
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
