package dynamodb

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzBatchWriteItemJSON holds the reader of a call against encoding/json: what it takes, that takes too, and as the same.
func FuzzBatchWriteItemJSON(f *testing.F) {
	for _, body := range []string{
		`{"RequestItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"a"},"n":{"N":"1.50"},"m":{"M":{"l":{"L":[{"BOOL":true}]}}}}}},{"DeleteRequest":{"Key":{"pk":{"S":"b"}}}}]}}`,
		`{ "ReturnConsumedCapacity" : "TOTAL" , "ReturnItemCollectionMetrics":"NONE", "RequestItems" : { } } `,
		`{"RequestItems":{"t":[],"u":[{}],"v":[{"PutRequest":{}}]}}`,
		`{"RequestItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"\u00e9\n"},"":{"N":"x"},"s":{"SS":["a","a"]}}}}]}}`,
		`{"RequestItems":{"t":[{"PutRequest":{"Item":null}}],"t":[]}}`,
		`{"requestitems":{"t":[{"PutRequest":{"Item":{"pk":{"Z":[{"a":1}]}}}}]}}`,
		`{"RequestItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"` + "\x01" + `"}}}}]}}`,
		`{"RequestItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"a"}}},"Other":1}]}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var fast, slow batchWriteItemInput
		if !fast.DecodeJSON(body) {
			if !reflect.DeepEqual(fast, slow) {
				t.Errorf("%s was not taken, and left %+v", body, fast)
			}
			return
		}
		if err := json.Unmarshal(body, &slow); err != nil {
			t.Fatalf("%s was taken: %v", body, err)
		}
		if !reflect.DeepEqual(fast, slow) {
			t.Errorf("%s was read as %+v, and is %+v", body, fast, slow)
		}
	})
}

func TestACallAsTheSDKWritesItIsReadAtOnce(t *testing.T) {
	var in batchWriteItemInput
	if !in.DecodeJSON([]byte(`{"RequestItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}}]}}`)) || len(in.RequestItems["t"]) != 1 {
		t.Errorf("%+v", in)
	}
}
