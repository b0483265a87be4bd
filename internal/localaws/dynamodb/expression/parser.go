package expression

import (
	"fmt"

	"weir/internal/localaws/dynamodb/attribute"
)

// parser walks through the tokens of one expression. It reads to the end in any case: after a syntax error every token is
// the end, so that its functions need no error results. A fault in the meaning is kept, and gives way to a syntax error
// that comes later in the text, as in AWS.
type parser struct {
	scope     *Scope
	parameter string // the name of the request's parameter, for errors
	text      string
	tokens    []token
	at        int
	paths     []Path // every document path in the text, in order

	syntax  error
	meaning error
}

// finish expects the end of the text and gives the error to report, if any.
func (p *parser) finish() error {
	p.expect(end)
	if p.syntax != nil {
		return p.syntax
	}
	return p.meaning
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) peekAfter() token { return p.tokens[min(p.at+1, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.peek()
	p.at = min(p.at+1, len(p.tokens)-1)
	return t
}

// take consumes a keyword or a punctuation mark if it comes next.
func (p *parser) take(text string) bool {
	if !p.peek().is(text) {
		return false
	}
	p.next()
	return true
}

func (p *parser) want(text string) {
	if !p.take(text) {
		p.unexpected()
	}
}

func (p *parser) expect(k kind) token {
	t := p.peek()
	if t.kind != k {
		p.unexpected()
	}
	return p.next()
}

// unexpected reports the token at hand, with the text from the token before it to the one after it.
func (p *parser) unexpected() {
	if p.syntax != nil {
		return
	}
	t := p.peek()
	from, to := 0, p.peekAfter().end
	if p.at > 0 {
		from = p.tokens[p.at-1].start
	}
	p.syntax = p.invalid(fmt.Sprintf(`Syntax error; token: "%s", near: "%s"`, t.text, p.text[from:to]))
	p.at = len(p.tokens) - 1
}

// refuse reports a fault in what the text means.
func (p *parser) refuse(format string, args ...any) {
	if p.meaning == nil {
		p.meaning = p.invalid(fmt.Sprintf(format, args...))
	}
}

func (p *parser) invalid(reason string) error {
	return attribute.Invalid("Invalid " + p.parameter + ": " + reason)
}
