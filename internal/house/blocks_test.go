package house

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tags of the blocks that are commands; any other tag (text, json, yaml, go, …) is for the reader's eyes alone.
const (
	shell     = "sh"      // run by TestDocs
	shellSlow = "sh slow" // run by TestProveDocs
	shellAWS  = "sh aws"  // needs an AWS account or its command line: only its syntax is checked
	text      = "text"    // directly below commands, with nothing but blank lines between: what they print
)

// block is a fenced block of a page.
type block struct {
	line int // of its opening fence, from 1
	tag  string
	body string
	// prints is what commands print by the page's own word, nil where the page says nothing.
	prints *string
}

// fence is a line that opens or closes a block: up to any indentation, for blocks stand in lists, too.
var fence = regexp.MustCompile("^\\s*(```+|~~~+)\\s*(.*?)\\s*$")

// blocks finds the fenced blocks of a page in Markdown.
func blocks(page string) ([]block, error) {
	var found []block
	var open string // the fence that the current block was opened with; empty between blocks
	adjacent := false
	for i, line := range strings.Split(page, "\n") {
		mark := fence.FindStringSubmatch(line)
		switch {
		case open == "" && mark != nil:
			open = mark[1]
			found = append(found, block{line: i + 1, tag: mark[2]})
		case open != "" && mark != nil && mark[2] == "" && strings.HasPrefix(mark[1], open):
			open = ""
			found = joinOutput(found, adjacent)
			adjacent = true
		case open != "":
			found[len(found)-1].body += line + "\n"
		case strings.TrimSpace(line) != "":
			adjacent = false
		}
	}
	if open != "" {
		return nil, fmt.Errorf("line %d: the block is not closed", found[len(found)-1].line)
	}
	return found, nil
}

// joinOutput gives the last block to the one before it if it is what that one prints.
func joinOutput(found []block, adjacent bool) []block {
	last := len(found) - 1
	if !adjacent || last == 0 || found[last].tag != text || !found[last-1].commands() {
		return found
	}
	found[last-1].prints = &found[last].body
	return found
}

func (b *block) commands() bool {
	return b.tag == shell || b.tag == shellSlow || b.tag == shellAWS
}

func TestBlocksOfAPage(t *testing.T) {
	output := "hello\n"
	for name, test := range map[string]struct {
		page string
		want []block
	}{
		"none":     {page: "# A page\n\nwith `code` in it\n"},
		"tagged":   {page: "a\n```sh slow\nmake demo\n```\n", want: []block{{line: 2, tag: "sh slow", body: "make demo\n"}}},
		"untagged": {page: "```\nx\n```\n", want: []block{{line: 1, body: "x\n"}}},
		"in a list, with tildes": {
			page: "- a\n  ~~~ json\n  {}\n  ~~~\n", want: []block{{line: 2, tag: "json", body: "  {}\n"}},
		},
		"a longer fence holds a shorter one": {
			page: "````md\n```sh\nls\n```\n````\n", want: []block{{line: 1, tag: "md", body: "```sh\nls\n```\n"}},
		},
		"what it prints": {
			page: "```sh\necho hello\n```\n\n```text\nhello\n```\n",
			want: []block{{line: 1, tag: "sh", body: "echo hello\n", prints: &output}, {line: 5, tag: "text", body: output}},
		},
		"prose between": {
			page: "```sh\nls\n```\nand then\n```text\nhello\n```\n",
			want: []block{{line: 1, tag: "sh", body: "ls\n"}, {line: 5, tag: "text", body: output}},
		},
		"only one output": {
			page: "```sh\necho hello\n```\n```text\nhello\n```\n```text\nelse\n```\n",
			want: []block{{line: 1, tag: "sh", body: "echo hello\n", prints: &output}, {line: 4, tag: "text", body: output}, {line: 7, tag: "text", body: "else\n"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := blocks(test.page)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got, cmp.AllowUnexported(block{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestBlockThatIsNotClosedIsAnError(t *testing.T) {
	_, err := blocks("a\n```sh\nls\n")
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
}
