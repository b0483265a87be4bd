package wire

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type namedInput struct{ Name string }

func (in *namedInput) Resource() string { return in.Name }

func TestCallsAreCountedByOperationAndResource(t *testing.T) {
	hooked := newFaults(func(c Call) Action { return Action{Code: c.Resource, Seed: uint64(c.Number)} })
	for i, want := range []Action{{Code: "a", Seed: 1}, {Code: "b", Seed: 1}, {Code: "a", Seed: 2}, {Code: "b", Seed: 2}, {Seed: 1}} {
		var request any = &echoInput{}
		if want.Code != "" {
			request = &namedInput{want.Code}
		}
		if got := hooked.next(newCall("echo", "Put", request)); got != want {
			t.Errorf("call %d: %+v, want %+v", i, got, want)
		}
	}
	if got := hooked.next(newCall("echo", "Get", &namedInput{"a"})); got.Seed != 1 {
		t.Errorf("another operation goes on at %d", got.Seed)
	}
}

func TestARefusedCallIsNotServedAndHearsItsCode(t *testing.T) {
	for code, want := range map[string]struct {
		status int
		code   string
	}{
		"ProvisionedThroughputExceededException": {400, "ProvisionedThroughputExceededException"},
		"InternalServerError":                    {500, "InternalServerError"},
		"SlowDown":                               {503, "SlowDown"},
		"":                                       {500, "InternalFailure"},
	} {
		service, stored := echo(func(Call) Action { return Action{Kind: Refuse, Code: code} })
		status, header, _, err := call(t, serve(t, service), "Echo", strings.NewReader(`{"Text":"a"}`))
		if err != nil || status != want.status || header.Get("X-Amzn-Errortype") != want.code || len(stored()) != 0 {
			t.Errorf("%q: %d %s, %v, served %v", code, status, header.Get("X-Amzn-Errortype"), err, stored())
		}
	}
}

func TestEntriesFailByTheirShareAndAlwaysTheSame(t *testing.T) {
	const n = 10_000
	for _, share := range []float64{0, 0.25, 1} {
		a, other := Action{Kind: Partial, Share: share, Seed: 7}, Action{Kind: Partial, Share: share, Seed: 8}
		failed, same := 0, 0
		for i := range n {
			if now, then := a.Fails(i), a.Fails(i); now != then {
				t.Fatalf("entry %d fails now and then", i)
			}
			if a.Fails(i) {
				failed++
			}
			if a.Fails(i) == other.Fails(i) {
				same++
			}
		}
		if got := float64(failed) / n; math.Abs(got-share) > 0.02 {
			t.Errorf("%v of the entries fail, want %v", got, share)
		}
		if seeded := share > 0 && share < 1; seeded != (same < n) {
			t.Errorf("share %v: %d of %d entries are alike for two seeds", share, same, n)
		}
	}
	if (Action{Share: 1}).Fails(0) {
		t.Error("an entry of a served call fails")
	}
}

func TestOnlyAPartialActionReachesTheOperation(t *testing.T) {
	for _, action := range []Action{{Kind: Partial, Share: 0.5, Seed: 3}, {Delay: time.Nanosecond}} {
		var seen Action
		op := Op("See", func(ctx context.Context, _ *echoInput) (*echoOutput, error) {
			seen = ActionOf(ctx)
			return &echoOutput{}, nil
		})
		service := NewService("echo", "Echo_1", []Codec{JSON("1.1", sameWords)}, Options{Fault: func(Call) Action { return action }}, op)
		if _, _, _, err := call(t, serve(t, service), "See", strings.NewReader(`{}`)); err != nil {
			t.Fatal(err)
		}
		if want := action.Kind == Partial; (seen == action) != want {
			t.Errorf("%+v: the operation sees %+v", action, seen)
		}
	}
}

func TestADelayPassesBeforeTheCallAndEndsWithItsClient(t *testing.T) {
	for name, c := range map[string]struct {
		patience, took time.Duration
		served         int
	}{
		"a client that waits": {time.Hour, time.Second, 1},
		"a client that goes":  {time.Millisecond, time.Millisecond, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			service, stored := echo(func(Call) Action { return Action{Delay: time.Second} })
			ctx, cancel := context.WithTimeout(t.Context(), c.patience)
			defer cancel()
			request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(`{"Text":"a"}`))
			request.Header.Set("X-Amz-Target", "Echo_1.Echo")
			begun := time.Now()
			func() {
				defer func() {
					if aborted := recover() != nil; aborted != (c.served == 0) {
						t.Errorf("%s: aborted %v", name, aborted)
					}
				}()
				service.ServeHTTP(httptest.NewRecorder(), request)
			}()
			if took := time.Since(begun); took != c.took || len(stored()) != c.served {
				t.Errorf("%s: %v, served %v", name, took, stored())
			}
		})
	}
}

func TestABrokenConnectionIsClosedOverHTTP2Too(t *testing.T) {
	service, stored := echo(func(c Call) Action {
		if c.Number == 2 {
			return Action{Kind: Break}
		}
		return Action{}
	})
	server := httptest.NewUnstartedServer(service)
	server.Config.ConnContext = ConnContext
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	defer server.Close()
	dials := 0
	transport := &http.Transport{Protocols: server.Config.Protocols, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		dials++
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	for i, want := range []struct {
		answered bool
		dials    int
	}{{true, 1}, {false, 1}, {true, 2}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, unrepeatable{strings.NewReader(`{"Text":"a"}`)})
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Amz-Target", "Echo_1.Echo")
		answer, err := transport.RoundTrip(request)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			err = errors.Join(err, answer.Body.Close())
		}
		if (err == nil) != want.answered || dials != want.dials {
			t.Errorf("call %d: %v, %d dials", i+1, err, dials)
		}
	}
	if len(stored()) != 2 {
		t.Errorf("served %v", stored())
	}
}

// unrepeatable is a body that a transport cannot send again on its own.
type unrepeatable struct{ io.Reader }
