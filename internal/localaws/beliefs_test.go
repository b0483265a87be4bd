package localaws_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/beliefs.md anew")

const beliefsPage = "../../docs/beliefs.md"

// A belief about AWS stands beside the code that follows it, as a comment "K7: what is believed (its source)"; a test that shows it says so in its own
// comment, "It shows K7."
var (
	beliefLine = regexp.MustCompile(`(?m)^// ([KD])(\d+): (.+) \(([^()]*(?:\([^()]*\)[^()]*)*)\)$`)
	showsLine  = regexp.MustCompile(`(?m)^// It shows ([KD\d, ]+)\.\nfunc (Test\w+)\(`)
)

type belief struct {
	letter       string
	number       int
	text, source string
	file         string
	shownBy      []string
}

func (b *belief) name() string { return b.letter + strconv.Itoa(b.number) }

// beliefs are those that the code states, with the tests that show them.
func beliefs(t *testing.T) []*belief {
	t.Helper()
	found := make(map[string]*belief)
	var all []*belief
	read := func(pattern string, each func(file, text string)) {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			each(file, string(text))
		}
	}
	for _, folder := range []string{"kinesis", "dynamodb"} {
		read(folder+"/*.go", func(file, text string) {
			for _, m := range beliefLine.FindAllStringSubmatch(text, -1) {
				number, _ := strconv.Atoi(m[2]) // it is all digits
				b := &belief{letter: m[1], number: number, text: m[3], source: m[4], file: file}
				if found[b.name()] != nil {
					t.Errorf("%s stands in %s and in %s", b.name(), found[b.name()].file, file)
				}
				found[b.name()] = b
				all = append(all, b)
			}
		})
		read(folder+"/*_test.go", func(file, text string) {
			for _, m := range showsLine.FindAllStringSubmatch(text, -1) {
				for name := range strings.SplitSeq(m[1], ", ") {
					if b := found[name]; b != nil {
						b.shownBy = append(b.shownBy, m[2])
					} else {
						t.Errorf("%s: %s shows %s, which nobody believes", file, m[2], name)
					}
				}
			}
		})
	}
	slices.SortFunc(all, func(a, b *belief) int {
		return cmp.Or(strings.Compare(b.letter, a.letter), cmp.Compare(a.number, b.number))
	})
	return all
}

func TestEveryBeliefAboutAWSIsNumberedCitedAndShownByATest(t *testing.T) {
	var table strings.Builder
	last := make(map[string]int)
	for _, b := range beliefs(t) {
		if b.number != last[b.letter]+1 {
			t.Errorf("after %s%d comes %s", b.letter, last[b.letter], b.name())
		}
		last[b.letter] = b.number
		if len(b.shownBy) == 0 {
			t.Errorf("no test shows %s: %s", b.name(), b.text)
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", b.name(), b.text, b.source, strings.Join(b.shownBy, ", "))
	}
	if last["K"] < 30 || last["D"] < 15 {
		t.Errorf("there are only %v", last)
	}
	page, err := os.ReadFile(beliefsPage)
	if err != nil {
		t.Fatal(err)
	}
	const begin = "|---|---|---|---|\n"
	head, old, _ := strings.Cut(string(page), begin)
	if old == table.String() {
		return
	}
	if !*update {
		t.Errorf("%s is not as the code has it: go test ./internal/localaws -run Belief -update", beliefsPage)
		return
	}
	if err := os.WriteFile(beliefsPage, []byte(head+begin+table.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
