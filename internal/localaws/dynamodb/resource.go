package dynamodb

import (
	"maps"
	"slices"
	"strings"
)

// The tables that requests name, by which faults are counted.

func (in *createTableInput) Resource() string   { return in.TableName }
func (in *deleteTableInput) Resource() string   { return tableNamed(in.TableName) }
func (in *describeTableInput) Resource() string { return tableNamed(in.TableName) }
func (in *getItemInput) Resource() string       { return tableNamed(in.TableName) }
func (in *readParameters) Resource() string     { return tableNamed(in.TableName) }
func (in *writeParameters) Resource() string    { return tableNamed(in.TableName) }
func (in *batchWriteItemInput) Resource() string {
	return onlyTable(slices.Collect(maps.Keys(in.RequestItems)))
}

func (in *batchGetItemInput) Resource() string {
	return onlyTable(slices.Collect(maps.Keys(in.RequestItems)))
}

// onlyTable is empty for a batch on several tables.
func onlyTable(names []string) string {
	if len(names) != 1 {
		return ""
	}
	return tableNamed(names[0])
}

// tableNamed is the name of a table that is given by its name or its ARN.
func tableNamed(table string) string {
	if _, name, ok := strings.Cut(table, ":table/"); ok {
		return name
	}
	return table
}
