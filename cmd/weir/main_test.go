package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/internal/awsclient"
	"weir/measure/verdict"
	"weir/stream"
)

// scriptsAtOnce is how many scripts go on at a time where there are fewer CPUs: they wait three times as long as they compute.
const scriptsAtOnce = 4

// tests are the package's.
type tests struct{ *testing.M }

// Run runs them, with the scripts side by side unless a flag says otherwise.
func (t tests) Run() int {
	flag.Parse()
	if cpus := runtime.GOMAXPROCS(0); cpus < scriptsAtOnce && flag.Lookup("test.parallel").Value.String() == strconv.Itoa(cpus) {
		_ = flag.Set("test.parallel", strconv.Itoa(scriptsAtOnce))
	}
	return t.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"weir": main})
}

// recordings is where the data that ships with weir lies.
func recordings(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs("../../testdata/nycflights13")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// scripts are those of a folder: each is a story that a user can read.
func scripts(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in %s: %v", folder, err)
	}
	return files
}

// racedScripts are the ones in which a command does several things at once, and which go through what all runs go through.
var racedScripts = []string{"testdata/script/faults.txtar", "testdata/script/interrupt.txtar", "testdata/script/json.txtar"}

// TestScripts runs the command line's contract. Under the race detector, weir takes three times the CPU: so that is on for some of them alone, and the others
// go through a weir that is built without it, as internal/house needs one anyway.
func TestScripts(t *testing.T) {
	files := scripts(t, "script")
	if !raced() {
		runScripts(t, files, "")
		return
	}
	runScripts(t, racedScripts, "")
	runScripts(t, slices.DeleteFunc(files, func(file string) bool { return slices.Contains(racedScripts, file) }), build(t))
}

// raced says that the race detector is on.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// TestProveScripts runs those that take long.
func TestProveScripts(t *testing.T) {
	needsProve(t)
	runScripts(t, scripts(t, "slow"), "")
}

// TestProveScriptsUnderTheRaceDetector runs them all.
func TestProveScriptsUnderTheRaceDetector(t *testing.T) {
	needsProve(t)
	runScripts(t, scripts(t, "script"), build(t, "-race"))
}

// runScripts runs scripts with the weir of that path, or with the test's own binary where there is none.
func runScripts(t *testing.T, files []string, program string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Files: files,
		Setup: func(env *testscript.Env) error {
			if program != "" {
				env.Setenv("PATH", filepath.Dir(program)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			}
			env.Setenv("DATA", recordings(t))
			schema, err := filepath.Abs("../../docs/result.schema.json")
			if err != nil {
				return err
			}
			env.Setenv("RESULT_SCHEMA", schema)
			search, err := filepath.Abs("../../result/testdata/sizing-v1.json")
			if err != nil {
				return err
			}
			env.Setenv("OLD_SEARCH", search)
			// The fields of the recording, as everybody who replays it gives them.
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"field": compareField, "local": startLocal, "s3put": putFolder, "streamput": putStream, "until": waitUntil, "ledger": checkLedger,
			"proved": proved,
			"valid":  validResult,
		},
	})
}

// compareField is `field FILE PATH VALUE`: the JSON value at the dotted path is that one, as JSON text; or `field FILE PATH < NUMBER`
// and the same with >. Absent and null are both null.
func compareField(ts *testscript.TestScript, negated bool, args []string) {
	if len(args) != 3 && len(args) != 4 {
		ts.Fatalf("usage: field FILE PATH [<|>] VALUE")
	}
	got := lookUp(ts, args[0], args[1])
	if len(args) == 4 {
		var bound float64
		ts.Check(json.Unmarshal([]byte(args[3]), &bound))
		number, ok := got.(float64)
		if holds := ok && (args[2] == "<" && number < bound || args[2] == ">" && number > bound); holds == negated {
			ts.Fatalf("%s is %v, and not %s %v", args[1], got, args[2], bound)
		}
		return
	}
	text, err := json.Marshal(got)
	ts.Check(err)
	if (string(text) == args[2]) == negated {
		ts.Fatalf("%s is %s, and the script says %s", args[1], text, args[2])
	}
}

func lookUp(ts *testscript.TestScript, file, path string) any {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &value))
	for name := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// validResult is `valid FILE`: a result.json is as docs/result.schema.json says.
func validResult(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) != 1 {
		ts.Fatalf("usage: valid FILE")
	}
	schema, err := jsonschema.NewCompiler().Compile(ts.Getenv("RESULT_SCHEMA"))
	ts.Check(err)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(schema.Validate(document))
}

// proved is `proved weir ARGS`: exec, but for a run that keeps a schedule. A machine that was too busy for the schedule makes it void, which says nothing of
// what the run has proved.
func proved(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		ts.Fatalf("usage: proved COMMAND ARGS")
	}
	err := ts.Exec(args[0], args[1:]...)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() == verdict.ExitVoid {
		ts.Logf("void: the machine was too busy for the schedule")
		return
	}
	ts.Check(err)
}

// checkLedger is `ledger FILE`: the books of a result.json balance.
func checkLedger(ts *testscript.TestScript, _ bool, args []string) {
	number := func(name string) int64 {
		value, _ := lookUp(ts, args[0], "records."+name).(float64)
		return int64(value)
	}
	offered, sent := number("offered"), number("acked")+number("failed")+number("unknown")+number("unsent")
	if offered != sent {
		ts.Fatalf("offered %d, and acked + failed + unknown + unsent %d", offered, sent)
	}
	stored := number("acked") + number("unknown_found") + number("duplicated") + number("phantom")
	read := number("read") + number("unread") + number("lost")
	if stored != read {
		ts.Fatalf("acked + unknown_found + duplicated + phantom %d, and read + unread + lost %d", stored, read)
	}
}

// startLocal is `local [FLAGS]`: `weir local` on a free port until the script ends, and the variables that it prints in the
// environment of what follows. What it says on standard error is in local.log.
func startLocal(ts *testscript.TestScript, _ bool, args []string) {
	// A shell finds weir by the script's path, as its commands are found.
	command := exec.Command("sh", append([]string{"-c", `exec weir local --port 0 "$@"`, "local"}, args...)...)
	command.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	command.Dir = ts.MkAbs(".")
	log, err := os.Create(ts.MkAbs("local.log"))
	ts.Check(err)
	command.Stderr = log
	out, err := command.StdoutPipe()
	ts.Check(err)
	ts.Check(command.Start())
	ts.Defer(func() {
		_ = command.Process.Signal(os.Interrupt)
		ts.Check(command.Wait())
		ts.Check(log.Close())
	})
	lines, last := bufio.NewScanner(out), "AWS_DEFAULT_REGION"
	if slices.Contains(args, "--tls") {
		last = "AWS_CA_BUNDLE"
	}
	for ts.Getenv(last) == "" {
		if !lines.Scan() {
			ts.Fatalf("weir local ended: %v", lines.Err())
		}
		if variable, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			name, value, _ := strings.Cut(variable, "=")
			ts.Setenv(name, value)
		}
	}
}

// putFolder is `s3put FOLDER BUCKET`: the files below the folder as objects of a new bucket, by the SDK.
func putFolder(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	clients, err := awsclient.New(ctx, awsclient.Config{Endpoint: ts.Getenv("AWS_ENDPOINT_URL"), Region: "us-east-1"})
	ts.Check(err)
	defer clients.Close()
	_, err = clients.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &args[1]})
	ts.Check(err)
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		key, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		key = filepath.ToSlash(key)
		_, err = clients.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &args[1], Key: &key, Body: file})
		return err
	}))
}

// putStream is `streamput STREAM SHARDS FILE`: it makes a stream of the embedded AWS where there is none, and puts each line of a file, the first word of
// which is its partition key.
func putStream(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	clients, err := awsclient.New(ctx, awsclient.Config{Endpoint: ts.Getenv("AWS_ENDPOINT_URL"), Region: "us-east-1"})
	ts.Check(err)
	defer clients.Close()
	there, err := stream.Exists(ctx, clients.Kinesis, args[0])
	ts.Check(err)
	if !there {
		shards, err := strconv.Atoi(args[1])
		ts.Check(err)
		ts.Check(stream.Create(ctx, clients.Kinesis, stream.Spec{Name: args[0], Shards: shards}))
	}
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		key, data, _ := strings.Cut(strings.TrimSpace(line), " ")
		_, err := clients.Kinesis.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: &args[0], PartitionKey: &key, Data: []byte(data)})
		ts.Check(err)
	}
}

// waitUntil is `until FILE PATTERN`: it waits until the file has a line that matches.
func waitUntil(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[1])
	for range 600 {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && pattern.Match(text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s never matched %s", args[0], args[1])
}
