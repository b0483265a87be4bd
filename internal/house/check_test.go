package house

import (
	"fmt"
	"slices"
	"strings"
)

// module is what the import paths of weir's packages start with.
const module = "weir/"

// goPackage is what go list -json says of a package; imports of its tests are not in it.
type goPackage struct {
	ImportPath string
	Imports    []string // its own
	Deps       []string // and those of whatever it imports
}

// check lists what breaks a rule of the table, and the packages that have none.
func check(table []rule, packages []goPackage) []string {
	var violations []string
	for _, p := range packages {
		folder := strings.TrimPrefix(p.ImportPath, module)
		r := ruleOf(table, folder)
		if r == nil {
			violations = append(violations, folder+" has no rule: add it to the table in imports_test.go and in DESIGN.md")
			continue
		}
		for _, path := range p.Imports {
			if imported, ok := strings.CutPrefix(path, module); ok {
				violations = append(violations, checkImport(table, r, folder, imported)...)
			}
		}
		for _, path := range p.Deps {
			if slices.ContainsFunc(r.never, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
				violations = append(violations, fmt.Sprintf("%s reaches %s, which it may never: %s", folder, path, r.why))
			}
		}
	}
	return violations
}

func checkImport(table []rule, r *rule, folder, imported string) []string {
	if !r.allows(imported) {
		return []string{fmt.Sprintf("%s imports %s, which it may not: %s", folder, imported, r.why)}
	}
	target := ruleOf(table, imported)
	if target != nil && target != r && target.only != nil && !slices.Contains(target.only, folder) {
		return []string{fmt.Sprintf("%s imports it, and only %s may import %s: %s", folder, strings.Join(target.only, ", "), imported, target.why)}
	}
	return nil
}

func (r *rule) allows(imported string) bool {
	return slices.Contains(r.may, everything) || slices.Contains(r.may, imported) || r.tree() && r.covers(imported)
}

func (r *rule) tree() bool { return strings.HasSuffix(r.folder, "/...") }

func (r *rule) covers(folder string) bool {
	top, tree := strings.CutSuffix(r.folder, "/...")
	return folder == top || tree && strings.HasPrefix(folder, top+"/")
}

// ruleOf is the folder's rule, nil if there is none.
func ruleOf(table []rule, folder string) *rule {
	for i := range table {
		if table[i].covers(folder) {
			return &table[i]
		}
	}
	return nil
}
