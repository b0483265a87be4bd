package generator

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"weir/record"
)

// prove writes one record of every payload, of the longest key and the longest value, and reads it as the aggregator will.
func (g *Generator) prove(p *problems) {
	s := g.Stream(time.Unix(0, 0))
	if s.err != nil {
		p.add("fields", "%w", s.err)
		return
	}
	for _, k := range g.kinds {
		d := draft{kind: k, key: k.keys.longestKey()}
		if k.value != nil {
			d.value = int64(k.values.least * k.scale)
		}
		if k.template != nil {
			if err := s.proveTemplate(&d); err != nil {
				p.add("kinds."+k.name+".template", "%w", err)
			}
		}
		for _, d.layout = range k.layouts {
			err := s.proveLayout(&d)
			switch {
			case err != nil && d.layout.sample == "":
				p.add("kinds."+k.name, "its payload: %w", err)
			case err != nil:
				p.add("kinds."+k.name+".samples", "%s: %w", d.layout.sample, err)
			}
		}
	}
}

// proveLayout also takes note of the value that a sample brings along.
func (s *Stream) proveLayout(d *draft) error {
	var r record.Record
	s.writer.bound(d.kind, d.layout)
	s.writer.write(d, &r)
	got := &s.templater.decoded
	if err := s.templater.decoder.Decode(r.Data, got); err != nil {
		return err
	}
	if d.kind.value == nil && got.Event.Value != "" {
		d.layout.value = strings.Clone(got.Event.Value)
		s.writer.bound(d.kind, d.layout)
		s.writer.write(d, &r)
	}
	if r.Event != got.Event {
		return fmt.Errorf("it reads as %+v and not as %+v", got.Event, r.Event)
	}
	return refused(&r, s.templater.text.largest)
}

func (s *Stream) proveTemplate(d *draft) error {
	var r record.Record
	if err := s.templater.write(&s.writer, d, &r); err != nil {
		return err
	}
	return s.templater.decoder.Decode(r.Data, &s.templater.decoded)
}

// longestKey is the number of the key with the most characters.
func (k *keys) longestKey() int64 {
	longest, characters := k.count-1, 0
	for i, key := range k.list {
		if n := utf8.RuneCountInString(key); n > characters {
			longest, characters = int64(i), n
		}
	}
	return longest
}
