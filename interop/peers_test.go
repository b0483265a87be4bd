package interop

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// The other servers that the probes are put to, see peers/.

// dynamoDBLocal starts DynamoDB Local, and gives its endpoint.
func dynamoDBLocal(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(downloads, "dynamodb-local")
	run(t, os.Environ(), "peers", "mvn", "-q", "-B", "-Dmaven.repo.local="+filepath.Join(downloads, "m2"), "dependency:copy-dependencies", "-DoutputDirectory="+folder)
	port := freePort(t)
	return start(t, port, folder, "java", "-Djava.library.path="+folder, "-cp", filepath.Join(folder, "*"), "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", port)
}

// kinesisMock starts kinesis-mock, and gives its endpoint.
func kinesisMock(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(downloads, "kinesis-mock")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join("peers", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, os.Environ(), folder, "npm", "ci", "--no-audit", "--no-fund")
	port := freePort(t)
	t.Setenv("KINESIS_MOCK_PLAIN_PORT", port)
	t.Setenv("KINESIS_MOCK_TLS_PORT", freePort(t))
	t.Setenv("LOG_LEVEL", "ERROR")
	return start(t, port, filepath.Join(folder, "node_modules", "kinesis-local"), "node", "main.js")
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// start starts a server, which ends with the test, and waits until it answers.
func start(t *testing.T, port, folder, name string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = folder
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = command.Wait() // which is an error, for it was killed
	})
	endpoint := "http://127.0.0.1:" + port
	for late := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		if answer, err := http.Get(endpoint); err == nil {
			_ = answer.Body.Close()
			return endpoint
		}
		if time.Now().After(late) {
			t.Fatalf("%s does not answer", name)
		}
	}
}
