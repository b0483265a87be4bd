package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// conversations are the requests with which weir's own tests hold the embedded DynamoDB to its answers.
const conversations = "../internal/localaws/dynamodb/testdata/conversations/*.txt"

// difference is why a request is answered in two ways.
type difference struct {
	why     string
	request *regexp.Regexp
}

// differences, of which the first that fits a request holds. Errors with the same code are alike, however they are worded: DynamoDB Local's words are its own.
var differences = []difference{
	{"weir: a condition that a key cannot have is refused as such (API reference, Query, KeyConditions); DynamoDB Local fails", regexp.MustCompile(`"KeyConditions".*"NE"`)},
	{"weir: AttributesToGet has a name at least (API reference, Scan); DynamoDB Local gives items without any", regexp.MustCompile(`^Scan .*"AttributesToGet":\[\]`)},
	{"neither: the order of a scan, and what its segments hold, is nobody's promise", regexp.MustCompile(`^Scan .*"TableName":"tab"(,"(Limit|Segment|ProjectionExpression|ExclusiveStartKey)"|})`)},
	{"neither: the order of items with one key of an index is nobody's promise", regexp.MustCompile(`^Query .*"IndexName":"by-day"`)},
	{"weir: a value of a wrong type is a SerializationException; DynamoDB Local takes it for another, or fails", regexp.MustCompile(`^PutItem ({$|\[|{"TableName":5)|^PutItem .*"v":|^Scan .*("Limit":("5"|1.5)|"ScanFilter":5|"AttributesToGet":"|"AttributeValueList":")|"Value":5}`)},
	{"weir: an enumeration's other word is a ValidationException; DynamoDB Local fails", regexp.MustCompile(`"ConditionalOperator":"XOR"|"BillingMode":"FREE"`)},
	{"weir: a read of an item that is not there costs as much as one of the smallest (Developer Guide, \"DynamoDB read and write operations\")", regexp.MustCompile(`^BatchGetItem .*"ReturnConsumedCapacity"`)},
	{"weir: 3 and 3.0 are one key, and a batch names a key once (API reference, BatchGetItem)", regexp.MustCompile(`^BatchGetItem .*"3\.0"`)},
	{"weir: a table by its name and by its ARN is one table", regexp.MustCompile(`^BatchWriteItem .*arn:aws`)},
	{"weir: another account's or region's ARN names another table", regexp.MustCompile(`999999999999|eu-west-1`)},
	{"weir: an index's throughput goes with its table's billing mode (API reference, UpdateTable); DynamoDB Local fails", regexp.MustCompile(`^UpdateTable .*"leases".*"(BillingMode":"PROVISIONED","ProvisionedThroughput":{[^}]*}}|Update":{"IndexName":"LeaseOwnerToLeaseKeyIndex"(}|,"Prov))`)},
	{"weir: DynamoDB Local has no tags", regexp.MustCompile(`Tag`)},
	{"weir: the name to begin behind need not be a table's (API reference, ListTables)", regexp.MustCompile(`^ListTables .*ExclusiveStartTableName`)},
	{"weir: an on-demand table has no throughput (API reference, CreateTable), and so the table is not there for the next request", regexp.MustCompile(`^CreateTable .*"TableName":"other".*"(PAY_PER_REQUEST|PROVISIONED)","ProvisionedThroughput"`)},
	{"weir: an update is held to the types of an index's keys as a put is (Developer Guide, \"Global secondary indexes\")", regexp.MustCompile(`^UpdateItem .*"orders"`)},
	{"weir: an update returns the parts of attributes that it touches (dynalite, whose tests were run against AWS); DynamoDB Local returns these attributes whole", regexp.MustCompile(`"UpdateExpression":".*info\..*"UPDATED_`)},
	{"weir: DELETE makes no item where there is none (API reference, UpdateItem, AttributeUpdates)", regexp.MustCompile(`"leaseKey":{"S":"none"}`)},
	{"weir: a number is kept without zeros in front (Developer Guide, \"Data types\")", regexp.MustCompile(`"ProjectionExpression":"v"`)},
}

// answer is what a server says to a request.
type answer struct {
	code string // of an error
	body any
}

func (a answer) String() string {
	if a.code != "" {
		return a.code
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		return err.Error()
	}
	return "200 " + string(text)
}

func ask(t *testing.T, endpoint, operation, request string) answer {
	t.Helper()
	status, text := call(t, endpoint, operation, request)
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatalf("%s %s: %s: %v", operation, request, text, err)
	}
	if status != http.StatusOK {
		kind, _ := body["__type"].(string)
		return answer{code: fmt.Sprint(status, " ", kind[strings.LastIndex(kind, "#")+1:])}
	}
	return answer{body: plain(body)}
}

func call(t *testing.T, endpoint, operation, request string) (status int, body []byte) {
	t.Helper()
	call, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/", strings.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	call.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	call.Header.Set("Content-Type", "application/x-amz-json-1.0")
	// DynamoDB Local wants to see a signature, and does not check it.
	call.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=weir/20130101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	got, err := http.DefaultClient.Do(call)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err = io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, body
}

// plain is a body without what tells of a table more than that it is there: the two describe one each in their own way.
func plain(body map[string]any) any {
	for _, member := range []string{"TableDescription", "Table"} {
		if _, ok := body[member]; ok {
			return "a table"
		}
	}
	return body
}

// TestDynamoDBAndDynamoDBLocalDifferOnlyWhereThePageSays puts the requests of the conversations to weir local and to DynamoDB Local.
func TestDynamoDBAndDynamoDBLocalDifferOnlyWhereThePageSays(t *testing.T) {
	local, ours := dynamoDBLocal(t), serve(t, "--limits", "off").endpoint
	files, err := filepath.Glob(conversations)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	asked, counts := 0, make([]int, len(differences))
	for _, file := range files {
		clear := func(endpoint string) {
			tables, _ := ask(t, endpoint, "ListTables", "{}").body.(map[string]any)["TableNames"].([]any)
			for _, table := range tables {
				ask(t, endpoint, "UpdateTable", fmt.Sprintf(`{"TableName":%q,"DeletionProtectionEnabled":false}`, table))
				settle(t, endpoint, table)
				ask(t, endpoint, "DeleteTable", fmt.Sprintf(`{"TableName":%q}`, table))
			}
			for len(ask(t, endpoint, "ListTables", "{}").body.(map[string]any)["TableNames"].([]any)) > 0 {
				time.Sleep(20 * time.Millisecond)
			}
		}
		clear(local)
		clear(ours)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			operation, request, ok := strings.Cut(line, " ")
			if !ok || line[0] < 'A' || line[0] > 'Z' {
				continue
			}
			asked++
			a, b := ask(t, ours, operation, request), ask(t, local, operation, request)
			if strings.HasSuffix(operation, "Table") {
				settleAll(t, ours)
				settleAll(t, local)
			}
			if a.code == b.code && (a.code != "" || reflect.DeepEqual(a.body, b.body)) {
				continue
			}
			if i := reason(line); i >= 0 {
				counts[i]++
			} else {
				t.Errorf("%s: %s\n weir:  %.300s\n local: %.300s", filepath.Base(file), line, a, b)
			}
		}
	}
	var table strings.Builder
	fmt.Fprintf(&table, "| of %d requests | who is right |\n|---:|---|\n", asked)
	for i, n := range counts {
		fmt.Fprintf(&table, "| %d | %s |\n", n, differences[i].why)
		if n == 0 {
			t.Errorf("nothing differs any more by %q", differences[i].why)
		}
	}
	checkPage(t, "dynamodb", table.String())
}

func reason(request string) int {
	for i, d := range differences {
		if d.request.MatchString(request) {
			return i
		}
	}
	return -1
}

func settleAll(t *testing.T, endpoint string) {
	t.Helper()
	tables, _ := ask(t, endpoint, "ListTables", "{}").body.(map[string]any)["TableNames"].([]any)
	for _, table := range tables {
		settle(t, endpoint, table)
	}
}

// settle waits until a table, and what belongs to it, is as it shall be.
func settle(t *testing.T, endpoint string, table any) {
	t.Helper()
	for range 200 {
		_, body := call(t, endpoint, "DescribeTable", fmt.Sprintf(`{"TableName":%q}`, table))
		if !bytes.Contains(body, []byte(`ING"`)) || bytes.Contains(body, []byte("ResourceNotFound")) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
