package house

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// root is the repository, seen from this package.
const root = "../.."

// How long the commands of one block may take.
const (
	quick = time.Minute
	slow  = 10 * time.Minute
)

func TestHouseDocsTagEveryBlock(t *testing.T) {
	for page, found := range pages(t) {
		for _, b := range found {
			if b.tag == "" {
				t.Errorf("%s:%d: the block has no tag: sh, sh slow or sh aws for commands, text for what they print, or its language", page, b.line)
			}
			if strings.HasPrefix(b.tag, shell+" ") && !b.commands() {
				t.Errorf("%s:%d: the tag %q is none of sh, sh slow and sh aws", page, b.line, b.tag)
			}
		}
	}
}

func TestHouseDocsCommandsAreWellFormed(t *testing.T) {
	for page, found := range pages(t) {
		for _, b := range found {
			if !b.commands() {
				continue
			}
			if out, err := exec.Command("bash", "-n", "-c", b.body).CombinedOutput(); err != nil {
				t.Errorf("%s:%d: %v\n%s", page, b.line, err, out)
			}
		}
	}
}

func TestDocs(t *testing.T) { runPages(t, shell, quick) }

// TestProveDocs also runs the quick blocks, for a slow one may need what they made.
func TestProveDocs(t *testing.T) {
	if os.Getenv("WEIR_PROVE") == "" {
		t.Skip("the slow commands of the pages: make prove runs them")
	}
	runPages(t, shellSlow, slow)
}

// runPages runs the commands of each page that has some with that tag, from its top to its bottom, as a reader does: in the root of
// a clone of their own, with weir built in bin and found by its name. Each block is a shell of its own.
func runPages(t *testing.T, tag string, limit time.Duration) {
	built := build(t)
	for page, found := range pages(t) {
		if !slices.ContainsFunc(found, func(b block) bool { return b.tag == tag }) {
			continue
		}
		t.Run(page, func(t *testing.T) {
			t.Parallel() // they wait more than they compute
			clone := t.TempDir()
			copyRepository(t, clone)
			if err := copyFile(built, filepath.Join(clone, "bin", "weir")); err != nil {
				t.Fatal(err)
			}
			for _, b := range found {
				if b.tag == shell || b.tag == tag {
					runBlock(t, fmt.Sprintf("%s:%d", page, b.line), clone, &b, limit)
				}
			}
		})
	}
}

func runBlock(t *testing.T, where, clone string, b *block, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	out, err := run(ctx, clone, b.body)
	if err != nil && strings.Contains(out, "\nVOID (exit code 21)\n") {
		// The machine was too busy for a run that keeps a schedule. That says nothing of the page.
		t.Logf("%s: void\n%s", where, out)
		return
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", where, err, out)
	}
	if b.prints != nil && !matches(*b.prints, out) {
		t.Errorf("%s prints\n%s\nand the page says\n%s", where, out, *b.prints)
	}
}

// pages are README.md and those of docs, with their blocks.
func pages(t *testing.T) map[string][]block {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages := make(map[string][]block)
	for _, path := range append(paths, filepath.Join(root, "README.md")) {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, err := blocks(string(page))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.ToSlash(name)] = found
	}
	return pages
}
