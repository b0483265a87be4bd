package interop

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// python installs the packages of python/requirements.txt, and gives the folder of their programs.
func python(t *testing.T) string {
	t.Helper()
	venv := filepath.Join(downloads, "venv")
	run(t, os.Environ(), ".", "python3", "-m", "venv", venv)
	bin := filepath.Join(venv, "bin")
	run(t, os.Environ(), ".", filepath.Join(bin, "pip"), "install", "-q", "--disable-pip-version-check", "-r", "python/requirements.txt")
	return bin
}

// TestBoto3DoesWhatItDoesWithAWS runs python/client.py.
func TestBoto3DoesWhatItDoesWithAWS(t *testing.T) {
	bin := python(t)
	for _, flags := range [][]string{nil, {"--tls"}} {
		served := serve(t, append(flags, "--account", "123456789012")...)
		if out := run(t, served.environ(), ".", filepath.Join(bin, "python3"), "python/client.py"); !strings.HasSuffix(out, "all is well\n") {
			t.Error(out)
		}
	}
}

func TestTheAWSCommandLineDoesWhatItDoesWithAWS(t *testing.T) {
	cli := filepath.Join(python(t), "aws")
	served := serve(t)
	call := func(words string, more ...string) map[string]any {
		t.Helper()
		out := run(t, served.environ(), t.TempDir(), cli, append(strings.Fields(words+" --output json"), more...)...)
		answer := map[string]any{}
		if strings.TrimSpace(out) != "" {
			if err := json.Unmarshal([]byte(out), &answer); err != nil {
				t.Fatalf("aws %s: %v\n%s", words, err, out)
			}
		}
		return answer
	}
	call("kinesis create-stream --stream-name orders --shard-count 2")
	call("kinesis wait stream-exists --stream-name orders")
	stored := call("kinesis put-record --stream-name orders --partition-key a --data", "hello")
	at := call("kinesis get-shard-iterator --stream-name orders --shard-iterator-type TRIM_HORIZON --shard-id", stored["ShardId"].(string))
	records := call("kinesis get-records --shard-iterator", at["ShardIterator"].(string))["Records"].([]any)
	if len(records) != 1 || records[0].(map[string]any)["SequenceNumber"] != stored["SequenceNumber"] {
		t.Errorf("%v, want %v", records, stored)
	}
	call("kinesis update-shard-count --stream-name orders --target-shard-count 4 --scaling-type UNIFORM_SCALING")
	call("kinesis wait stream-exists --stream-name orders")
	if shards := call("kinesis list-shards --stream-name orders")["Shards"].([]any); len(shards) != 6 {
		t.Errorf("%d shards", len(shards))
	}
	call("dynamodb create-table --table-name rows --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=k,AttributeType=S --key-schema AttributeName=k,KeyType=HASH")
	call("dynamodb wait table-exists --table-name rows")
	call("dynamodb put-item --table-name rows --item", `{"k":{"S":"a"},"v":{"N":"1"}}`)
	if item := call("dynamodb get-item --table-name rows --key", `{"k":{"S":"a"}}`)["Item"].(map[string]any); len(item) != 2 {
		t.Errorf("%v", item)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "one"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, served.environ(), folder, cli, "s3", "mb", "s3://recordings")
	run(t, served.environ(), folder, cli, "s3", "sync", ".", "s3://recordings/here")
	if listed := run(t, served.environ(), folder, cli, "s3", "ls", "s3://recordings/here/"); !strings.Contains(listed, " 1 one") {
		t.Error(listed)
	}
}
