package dynamodb_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestConversations replays the files of testdata/conversations, each against a new DynamoDB, and compares every answer. A
// line "Operation {request}" is a call, the line below it its answer: "200 {…}", or "400 code: message". Other lines are
// comments. The requests were put to DynamoDB Local 2.6.1 as well; where it and AWS word an error in two ways, the golden
// files hold AWS's.
//
// It shows D8, D10, D11, D12.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := converse(t, serve(t, config, nil), string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// converse puts the requests of a conversation, and writes it anew with the answers that come.
func converse(t *testing.T, address, conversation string) string {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var out strings.Builder
	for line := range strings.Lines(conversation) {
		if line[0] == '2' || line[0] == '4' || line[0] == '5' { // an answer
			continue
		}
		out.WriteString(line)
		operation, request, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || line[0] == '#' {
			continue
		}
		fmt.Fprintln(&out, call(t, client, address, operation, request))
	}
	return out.String()
}

func call(t *testing.T, client *http.Client, address, operation, body string) string {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return shown(t, response.StatusCode, answer)
}

func shown(t *testing.T, status int, answer []byte) string {
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	if status != http.StatusOK {
		line := fmt.Sprintf("%d %v: %v", status, fields["__type"], fields["message"])
		if item, ok := fields["Item"]; ok {
			line += fmt.Sprintf(" %s", sorted(t, item))
		}
		return line
	}
	for _, member := range []string{"Table", "TableDescription"} {
		if description, ok := fields[member].(map[string]any); ok {
			description["CreationDateTime"] = 0
			if summary, ok := description["BillingModeSummary"].(map[string]any); ok {
				summary["LastUpdateToPayPerRequestDateTime"] = 0
			}
		}
	}
	return fmt.Sprintf("%d %s", status, sorted(t, fields))
}

// sorted is a JSON value with its names in order.
func sorted(t *testing.T, v any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}
