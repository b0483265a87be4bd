package jsonscan

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAScanTakesWhatStandsThereAndNothingElse(t *testing.T) {
	const text = ` { "a" : [ "x" , -1.5e3 , null , "\u00fc\"\\" ] , "b" : {} } `
	s := New([]byte(text))
	var names, taken []string
	element := 0
	ok := s.Object(func(name string) bool {
		names = append(names, name)
		if name == "b" {
			return s.Object(func(string) bool { return false })
		}
		return s.Array(func() bool {
			element++
			switch element {
			case 2:
				number, ok := s.Number()
				taken = append(taken, string(number))
				return ok
			case 3:
				return s.Null()
			}
			piece, ok := s.Unescaped()
			taken = append(taken, string(piece))
			return ok
		})
	})
	if !ok || !s.End() {
		t.Fatalf("not read: %q, %q", names, taken)
	}
	if got, want := len(names)+len(taken), 5; got != want || taken[0] != "x" || taken[1] != "-1.5e3" || taken[2] != `ü"\` {
		t.Errorf("%q, %q", names, taken)
	}
}

func TestAScanSaysFalseWhereSomethingElseStands(t *testing.T) {
	for text, take := range map[string]func(*Scan) bool{
		`"a`:       func(s *Scan) bool { _, ok := s.Raw(); return ok },
		`"\u0`:     func(s *Scan) bool { _, ok := s.Unescaped(); return ok },
		`"\`:       func(s *Scan) bool { _, ok := s.Unescaped(); return ok },
		`"\x"`:     func(s *Scan) bool { _, ok := s.Unescaped(); return ok },
		`"\n"`:     func(s *Scan) bool { _, ok := s.Text(); return ok },
		"\"\xff\"": func(s *Scan) bool { _, ok := s.Unescaped(); return ok },
		`nul`:      (*Scan).Null,
		`x`:        func(s *Scan) bool { _, ok := s.Number(); return ok },
		`{"a":1,}`: func(s *Scan) bool {
			return s.Object(func(string) bool { _, ok := s.Number(); return ok })
		},
		`[1 2]`: func(s *Scan) bool { return s.Array(func() bool { _, ok := s.Number(); return ok }) },
	} {
		if take(New([]byte(text))) {
			t.Errorf("%s was taken", text)
		}
	}
}

// A string stands for itself wherever in it stands what does not.
func TestEveryByteOfAStringIsLookedAt(t *testing.T) {
	for length := range 40 {
		for at := range length {
			for _, piece := range []string{"a", "\\", "\x1f", "\x00", "ü", "\x7f", "\xff", "€"} {
				text := strings.Repeat("a", at) + piece + strings.Repeat("a", length-at-1)
				want := piece != "\\" && piece >= " " && utf8.ValidString(piece)
				if got := plain([]byte(text)); got != want {
					t.Errorf("%q: %t", text, got)
				}
			}
		}
	}
}

// A string that is taken means what encoding/json reads.
func FuzzUnescaped(f *testing.F) {
	for _, text := range []string{`"a"`, `"\u00fc\"\\"`, `"\ud83d\ude00"`, "\"\xff\"", `"`, ` "a" `, `"\`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := New([]byte(text))
		got, ok := s.Unescaped()
		if !ok {
			return
		}
		var want string
		if err := json.Unmarshal([]byte(text[:s.at]), &want); err != nil {
			t.Fatalf("%q was taken: %v", text[:s.at], err)
		}
		if string(got) != want || !utf8.Valid(got) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
