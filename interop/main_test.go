package interop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// downloads is the folder for what is fetched and built.
var downloads string

func TestMain(m *testing.M) {
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// prepare says what is missing, and builds weir. Nothing is skipped.
func prepare() error {
	for tool, what := range map[string]string{"java": "Java 17", "mvn": "Maven", "python3": "Python 3 with venv", "node": "Node 20", "npm": "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("these tests need %s, and there is no %s: make interop-tools", what, tool)
		}
	}
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	downloads = filepath.Join(root, ".interop")
	if err := os.MkdirAll(downloads, 0o755); err != nil {
		return err
	}
	build := exec.Command("go", "build", "-C", root, "-o", filepath.Join(downloads, "weir"), "./cmd/weir")
	build.Stderr = os.Stderr
	return build.Run()
}

// local is a `weir local` that runs until the test ends.
type local struct {
	endpoint string
	bundle   string   // of what to trust, if it speaks TLS
	env      []string // what it prints to be exported
}

// serve starts `weir local` on a free port.
func serve(t *testing.T, flags ...string) local {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, filepath.Join(downloads, "weir"), append([]string{"local", "--port", "0"}, flags...)...)
	command.Dir = t.TempDir()
	command.Stderr = os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := command.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("weir local: %v", err)
		}
	})
	last := "AWS_DEFAULT_REGION="
	if slices.Contains(flags, "--tls") {
		last = "AWS_CA_BUNDLE="
	}
	var served local
	for lines := bufio.NewScanner(out); lines.Scan(); {
		variable, ok := strings.CutPrefix(lines.Text(), "export ")
		if !ok {
			continue
		}
		served.env = append(served.env, variable)
		if endpoint, ok := strings.CutPrefix(variable, "AWS_ENDPOINT_URL="); ok {
			served.endpoint = endpoint
		}
		if bundle, ok := strings.CutPrefix(variable, "AWS_CA_BUNDLE="); ok {
			served.bundle = bundle
		}
		if strings.HasPrefix(variable, last) {
			return served
		}
	}
	t.Fatal("weir local ended")
	return served
}

// client is the SDK for Go.
func (l local) client() *kinesis.Client {
	return kinesis.New(kinesis.Options{Region: "us-east-1", BaseEndpoint: &l.endpoint, Credentials: credentials.NewStaticCredentialsProvider("weir", "weir", "")})
}

// environ is that of a client's process.
func (l local) environ() []string {
	return append(append(os.Environ(), l.env...), "AWS_EC2_METADATA_DISABLED=true")
}

// create makes a stream and waits until it is there.
func create(t *testing.T, client *kinesis.Client, name string, shards int32) {
	t.Helper()
	if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &name, ShardCount: &shards}); err != nil {
		t.Fatal(err)
	}
	active(t, client, name)
}

func active(t *testing.T, client *kinesis.Client, name string) {
	t.Helper()
	if err := kinesis.NewStreamExistsWaiter(client).Wait(t.Context(), &kinesis.DescribeStreamInput{StreamName: &name}, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// put stores records, all of them.
func put(t *testing.T, client *kinesis.Client, stream string, entries []types.PutRecordsRequestEntry) {
	t.Helper()
	for len(entries) > 0 {
		n := min(len(entries), 500)
		out, err := client.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: &stream, Records: entries[:n]})
		if err != nil || *out.FailedRecordCount > 0 {
			t.Fatalf("%v, %+v", err, out)
		}
		entries = entries[n:]
	}
}

// stored is every record of a stream, shard by shard.
func stored(t *testing.T, client *kinesis.Client, stream string) (records []types.Record) {
	t.Helper()
	shards, err := client.ListShards(t.Context(), &kinesis.ListShardsInput{StreamName: &stream})
	if err != nil {
		t.Fatal(err)
	}
	for _, shard := range shards.Shards {
		at, err := client.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{StreamName: &stream, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		if err != nil {
			t.Fatal(err)
		}
		for iterator := at.ShardIterator; iterator != nil; {
			out, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: iterator})
			if err != nil {
				t.Fatal(err)
			}
			records = append(records, out.Records...)
			if iterator = out.NextShardIterator; *out.MillisBehindLatest == 0 {
				break
			}
		}
	}
	return records
}

// classpath builds a Maven project of this folder, and gives what java needs to run it.
func classpath(t *testing.T, project string) string {
	t.Helper()
	target := filepath.Join(downloads, project)
	run(t, os.Environ(), project, "mvn", "-q", "-B", "-Dmaven.repo.local="+filepath.Join(downloads, "m2"), "-Dinterop.target="+target,
		"compile", "dependency:build-classpath", "-Dmdep.outputFile="+filepath.Join(target, "classpath"))
	path, err := os.ReadFile(filepath.Join(target, "classpath"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(target, "classes") + string(os.PathListSeparator) + strings.TrimSpace(string(path))
}

// run runs a command in a folder to its end, and gives what it printed.
func run(t *testing.T, env []string, folder, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = folder, env
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// patience is for how long a client may take: they start slowly on a busy machine.
const patience = 3 * time.Minute

// entry is a record.
func entry(key, data string) types.PutRecordsRequestEntry {
	return types.PutRecordsRequestEntry{PartitionKey: aws.String(key), Data: []byte(data)}
}
