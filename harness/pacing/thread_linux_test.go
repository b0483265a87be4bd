package pacing

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func slackOf(t *testing.T) int {
	t.Helper()
	ns, err := timerSlack()
	if err != nil {
		t.Fatal(err)
	}
	return ns
}

func TestReleaseRestoresTheThread(t *testing.T) {
	runtime.LockOSThread() // or Release could be followed by another thread
	defer runtime.UnlockOSThread()
	before := slackOf(t)
	s := Bind()
	if s.thread == nil {
		t.Skip("this system refuses the timer slack")
	}
	if bound := slackOf(t); bound != int(slack) || bound == before {
		t.Errorf("slack %d ns when bound and %d before, want %d", bound, before, slack)
	}
	if s.Tick() >= Timer().Tick() {
		t.Errorf("tick %v, want less than the timer's", s.Tick())
	}
	s.Release()
	if after := slackOf(t); after != before {
		t.Errorf("slack %d ns when released, want %d", after, before)
	}
}

func TestThreadsThatStartWhileAnotherIsBoundDoNotInheritItsSlack(t *testing.T) {
	s := Bind()
	defer s.Release()
	var threads sync.WaitGroup
	all := make(chan struct{})
	for range 8 {
		threads.Go(func() {
			runtime.LockOSThread() // eight at a time: the runtime must start some
			defer runtime.UnlockOSThread()
			<-all
			if ns, err := timerSlack(); err != nil || ns == int(slack) {
				t.Errorf("slack %d ns, error %v", ns, err)
			}
		})
	}
	time.Sleep(time.Millisecond)
	close(all)
	threads.Wait()
}

func TestSignalsDoNotEndASleep(t *testing.T) {
	s := Bind()
	defer s.Release()
	if s.thread == nil {
		t.Skip("this system refuses the timer slack")
	}
	thread, done := unix.Gettid(), make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			time.Sleep(time.Millisecond)
			if err := unix.Tgkill(unix.Getpid(), thread, unix.SIGURG); err != nil { // the runtime's own, which does no harm
				t.Error(err)
			}
		}
	}()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := sleepUntil(unix.NsecToTimespec(now.Nano() + int64(15*time.Millisecond))); err != nil {
		t.Error(err)
	}
	if slept := time.Since(start); slept < 14*time.Millisecond { // now was read before start
		t.Errorf("slept %v, want 15ms", slept)
	}
	<-done
}
