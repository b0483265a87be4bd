package interop

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/interop.md anew")

const page = "../docs/interop.md"

// checkPage compares a table with that of the page, between the comments that name it.
func checkPage(t *testing.T, name, table string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Sprintf("<!-- %s -->\n", name), fmt.Sprintf("<!-- end of %s -->", name)
	before, rest, ok := strings.Cut(string(text), begin)
	old, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no place for the table %s", page, name)
	}
	if old == "\n"+table+"\n" {
		return
	}
	if !*update {
		t.Errorf("the table %s of %s is not as it was found now: go -C interop test -update", name, page)
		return
	}
	if err := os.WriteFile(page, []byte(before+begin+"\n"+table+"\n"+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
