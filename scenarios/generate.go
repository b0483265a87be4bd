package scenarios

import (
	"errors"
	"maps"
	"slices"
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
	c := generator.Config{Seed: s.Seed, Run: run, Fields: s.Fields.Record(), Shards: s.Pipeline.Input.Shards, RecordBytes: int(s.Pipeline.Input.MaxRecord)}
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
		Name: f.Name, Shape: generator.Shape(f.Shape), For: time.Duration(valueOf(f.For)), Limit: time.Duration(valueOf(f.ExtendTo)),
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
