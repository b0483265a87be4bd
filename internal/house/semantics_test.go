package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName = regexp.MustCompile(`\bTest[A-Z]\w+`)
	testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// docs/semantics.md names a test for each of its rules; each of them is there, and no rule goes without.
func TestHouseEveryRuleOfTheSemanticsIsShownByATestThatIsThere(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "semantics.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := testsOfWeir(t)
	rules, judged := 0, false
	for line := range strings.SplitSeq(string(page), "\n") {
		named := testName.FindAllString(line, -1)
		for _, name := range named {
			if !there[name] {
				t.Errorf("docs/semantics.md names %s, and there is no such test", name)
			}
		}
		if strings.HasPrefix(line, "## ") {
			judged = line == "## How it is judged" // what stands there is about the oracle
		}
		cells := strings.Split(line, " | ")
		if judged || len(cells) != 3 || strings.HasPrefix(line, "| rule") {
			continue
		}
		if rules++; len(named) == 0 {
			t.Errorf("no test shows %q", cells[0])
		}
	}
	if rules < 20 {
		t.Errorf("the page has only %d rules", rules)
	}
}

// testsOfWeir are the names of all tests.
func testsOfWeir(t *testing.T) map[string]bool {
	t.Helper()
	there := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root:
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			there[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}
