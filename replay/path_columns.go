package replay

import (
	"fmt"
	"slices"
	"strings"

	"weir/survey"
)

// pathColumns are the columns that Hive's layout has in the paths of the files that were begun, as kind=order/part-0.parquet has: engines leave them out of the files.
type pathColumns struct {
	names    []string
	examples []string // the path of the first file with each
}

// maxPathColumns bounds how many are noticed.
const maxPathColumns = 20

// add notices the columns in a file's path, but for dates: records have their event time.
func (c *pathColumns) add(file string) {
	if !strings.Contains(file, "=") {
		return
	}
	parts := strings.Split(file, "/")
	for _, folder := range parts[:len(parts)-1] {
		name, _, hive := strings.Cut(folder, "=")
		if !hive || name == "" || isDatePart(name) || len(c.names) == maxPathColumns || slices.Contains(c.names, name) {
			continue
		}
		c.names = append(c.names, name)
		c.examples = append(c.examples, file)
	}
}

// example is a file whose path has a column; it is not ok where none has it.
func (c *pathColumns) example(path string) (file string, ok bool) {
	i := slices.IndexFunc(c.names, func(name string) bool { return pathEscaper.Replace(name) == path })
	if i < 0 {
		return "", false
	}
	return c.examples[i], true
}

// isDatePart says that a column has a date, or a part of one, by its name.
func isDatePart(name string) bool {
	switch name = strings.ToLower(name); name {
	case "year", "y", "yyyy", "m", "mm", "d", "dd", "hour", "h", "hh", "hr", "minute":
		return true
	}
	return isDateColumn(name)
}

// warnings name the columns that no record has of those that were looked at.
func (c *pathColumns) warnings(fields []Field) (all []string) {
	for i, name := range c.names {
		path := pathEscaper.Replace(name)
		if slices.ContainsFunc(fields, func(f Field) bool {
			return strings.EqualFold(f.Path, path) || len(f.Path) > len(path) && f.Path[len(path)] == '.' && strings.EqualFold(f.Path[:len(path)], path)
		}) {
			continue
		}
		all = append(all, fmt.Sprintf("the paths have a column %q (%s) that no record has: a record is what stands in its file, so write the column into the files, too",
			survey.Printable(name), survey.Printable(c.examples[i])))
	}
	return all
}
