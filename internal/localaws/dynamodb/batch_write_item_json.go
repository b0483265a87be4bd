package dynamodb

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/internal/jsonscan"
	"weir/internal/localaws/dynamodb/attribute"
	"weir/limits"
)

// DecodeJSON reads a call as clients write it; see [wire.JSON]. encoding/json goes over each item three times.
func (in *batchWriteItemInput) DecodeJSON(body []byte) bool {
	scan := jsonscan.New(body)
	var read batchWriteItemInput
	ok := scan.Object(func(name string) bool {
		switch {
		case name == "RequestItems" && read.RequestItems == nil:
			return takeRequestItems(scan, &read.RequestItems)
		case name == "ReturnConsumedCapacity" && read.ReturnConsumedCapacity == "":
			return takeText(scan, &read.ReturnConsumedCapacity)
		case name == "ReturnItemCollectionMetrics" && read.ReturnItemCollectionMetrics == "":
			return takeText(scan, &read.ReturnItemCollectionMetrics)
		}
		return false
	})
	if !ok || !scan.End() {
		return false
	}
	*in = read
	return true
}

func takeText(scan *jsonscan.Scan, to *string) bool {
	text, ok := scan.Text()
	*to = strings.Clone(text) // the body's memory is used again
	return ok
}

func takeRequestItems(scan *jsonscan.Scan, to *map[string][]writeRequest) bool {
	tables := make(map[string][]writeRequest)
	*to = tables
	return scan.Object(func(name string) bool {
		if _, again := tables[name]; again || strings.ContainsFunc(name, foreign) {
			return false
		}
		requests := make([]writeRequest, 0, limits.BatchWriteItems)
		ok := scan.Array(func() bool {
			var r writeRequest
			ok := takeWriteRequest(scan, &r)
			requests = append(requests, r)
			return ok
		})
		tables[strings.Clone(name)] = requests
		return ok
	})
}

// foreign says that a table has no such letter in its name or its ARN.
func foreign(r rune) bool {
	return r >= utf8.RuneSelf || r != '-' && r != '_' && r != '.' && r != ':' && r != '/' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func takeWriteRequest(scan *jsonscan.Scan, to *writeRequest) bool {
	return scan.Object(func(name string) bool {
		switch {
		case name == "PutRequest" && to.PutRequest == nil:
			to.PutRequest = new(struct{ Item attribute.Given })
			return takeGiven(scan, "Item", &to.PutRequest.Item)
		case name == "DeleteRequest" && to.DeleteRequest == nil:
			to.DeleteRequest = new(struct{ Key attribute.Given })
			return takeGiven(scan, "Key", &to.DeleteRequest.Key)
		}
		return false
	})
}

// takeGiven takes an object of one member.
func takeGiven(scan *jsonscan.Scan, member string, to *attribute.Given) bool {
	return scan.Object(func(name string) bool {
		return name == member && to.Absent() && scan.Part(to.TakeJSON)
	})
}
