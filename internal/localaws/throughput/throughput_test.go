//go:build linux

// Package throughput measures weir local from outside, as its users meet it: a process of its own, behind a socket, with the SDK for Go in
// front. There is nothing in it but benchmarks.
package throughput

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"weir/internal/awsclient"
)

// callers is how many calls are under way at once.
const callers = 16

// server is a process that plays AWS, and a client of it.
type server struct {
	*awsclient.Clients
	endpoint string
	process  *exec.Cmd
	client   int // the client's process, 0 for this one
}

// programs are the servers that are measured: weir's own, and a peer where WEIR_FERROKINESIS names its binary; see make bench-peers.
func programs(b *testing.B, flags ...string) map[string]func(*testing.B) *server {
	weir := filepath.Join(b.TempDir(), "weir")
	if out, err := exec.Command("go", "build", "-o", weir, "weir/cmd/weir").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	all := map[string]func(*testing.B) *server{
		"weir": func(b *testing.B) *server { return startWeir(b, weir, flags) },
	}
	if peer := os.Getenv("WEIR_FERROKINESIS"); peer != "" {
		all["ferrokinesis"] = func(b *testing.B) *server { return startFerrokinesis(b, peer) }
	}
	return all
}

var endpoint = regexp.MustCompile(`AWS_ENDPOINT_URL=(\S+)`)

func startWeir(b *testing.B, binary string, flags []string) *server {
	command := exec.Command(binary, append([]string{"local", "--port", "0", "--limits", "off"}, flags...)...)
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	s := start(b, command)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := endpoint.FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }() // until the process ends
			return s.connect(b, found[1])
		}
	}
	b.Fatal("weir local names no endpoint")
	return nil
}

func startFerrokinesis(b *testing.B, binary string) *server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	listener.Close()
	s := start(b, exec.Command(binary, "serve", "--port", port, "--enforce-limits", "false", "--max-request-body-mb", "64"))
	for range 100 {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return s.connect(b, "http://"+address)
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatal("ferrokinesis does not listen")
	return nil
}

func start(b *testing.B, command *exec.Cmd) *server {
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	s := &server{process: command}
	b.Cleanup(func() { s.stop() })
	return s
}

func (s *server) connect(b *testing.B, endpoint string) *server {
	clients, err := awsclient.New(b.Context(), awsclient.Config{Endpoint: endpoint, Region: "us-east-1"})
	if err != nil {
		b.Fatal(err)
	}
	s.Clients, s.endpoint = clients, endpoint
	return s
}

func (s *server) stop() {
	_ = s.process.Process.Signal(syscall.SIGINT)
	_ = s.process.Wait() // it was told to end: how it does is not measured
	if s.Clients != nil {
		s.Close()
	}
}

// cpu is the CPU time of a process by its number, 0 for this one (clock_getcpuclockid).
func cpu(b *testing.B, pid int) time.Duration {
	clock := int32(unix.CLOCK_PROCESS_CPUTIME_ID)
	if pid != 0 {
		clock = int32(^pid<<3 | unix.CLOCK_PROCESS_CPUTIME_ID)
	}
	var now unix.Timespec
	if err := unix.ClockGettime(clock, &now); err != nil {
		b.Fatal(err)
	}
	return time.Duration(now.Nano())
}

// measure runs a benchmark's body, which says how many records it moved, and reports their rate and what each took of both sides' CPU.
func (s *server) measure(b *testing.B, body func() int) {
	records := 0
	begun, client, server := time.Now(), cpu(b, s.client), cpu(b, s.process.Process.Pid)
	for b.Loop() {
		records += body()
	}
	b.ReportMetric(float64(records)/time.Since(begun).Seconds(), "records/s")
	b.ReportMetric(float64(cpu(b, s.client)-client)/float64(records), "client-ns/record")
	b.ReportMetric(float64(cpu(b, s.process.Process.Pid)-server)/float64(records), "server-ns/record")
}

// together makes n calls, so many at a time.
func together(b *testing.B, n int, call func(ctx context.Context, i int) error) {
	work, ctx := errgroup.WithContext(b.Context())
	work.SetLimit(callers)
	for i := range n {
		work.Go(func() error { return call(ctx, i) })
	}
	if err := work.Wait(); err != nil {
		b.Fatal(err)
	}
}
