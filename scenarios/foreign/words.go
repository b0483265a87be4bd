package foreign

import "strings"

// word is one of a command line.
type word struct {
	text string
	line int
}

// splitter splits a command line as a shell does: blanks, quotes, backslashes, and what is behind a #.
type splitter struct {
	text        string
	at          int
	line, start int // start is the line on which the word begins
	in          bool
	quote       byte
	word        strings.Builder
	words       []word
}

func shellWords(text string) []word {
	s := splitter{text: text, line: 1, start: 1}
	for s.at < len(s.text) {
		s.step()
	}
	s.end()
	return s.words
}

// end ends the word that was begun, if there is one.
func (s *splitter) end() {
	if s.in {
		s.words = append(s.words, word{s.word.String(), s.start})
	}
	s.word.Reset()
	s.in = false
}

// step takes what stands next.
func (s *splitter) step() {
	c := s.text[s.at]
	s.at++
	if !s.in {
		s.start = s.line
	}
	switch {
	case c == '\\' && s.quote != '\'' && s.at < len(s.text):
		s.escaped()
	case s.quote != 0:
		s.inQuotes(c)
	case c == '\n' || c == ' ' || c == '\t' || c == '\r':
		s.end()
	case c == '#' && !s.in:
		comment, _, _ := strings.Cut(s.text[s.at:], "\n")
		s.at += len(comment)
	case c == '"' || c == '\'':
		s.quote, s.in = c, true
	default:
		s.add(c)
	}
	if c == '\n' {
		s.line++
	}
}

func (s *splitter) add(c byte) {
	s.in = true
	s.word.WriteByte(c)
}

func (s *splitter) inQuotes(c byte) {
	if c == s.quote {
		s.quote = 0
		return
	}
	s.add(c)
}

// escaped takes what stands behind a backslash: a line end goes on with the line, anything else is itself.
func (s *splitter) escaped() {
	rest := s.text[s.at:]
	switch {
	case strings.HasPrefix(rest, "\n"):
		s.at++
		s.line++
	case strings.HasPrefix(rest, "\r\n"):
		s.at += 2
		s.line++
	default:
		s.at++
		s.add(rest[0])
	}
}
