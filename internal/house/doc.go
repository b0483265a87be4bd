// Package house holds the rules of the repository itself, as tests:
//
//   - which package may import which, with the reason beside each (imports_test.go);
//   - that every command in README.md and docs/ runs, and prints what the page says (docs_test.go);
//   - that the pages of docs/ name every field and every exit code (pages_test.go).
//
// TestHouse… are quick and part of make lint, TestDocs is part of make test, and TestProveDocs, the pages' slow commands, of make
// prove.
package house
