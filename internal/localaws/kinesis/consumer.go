package kinesis

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"weir/internal/localaws/wire"
	"weir/limits"
)

// consumer is one that is registered for enhanced fan-out.
type consumer struct {
	stream    *stream
	name, arn string
	created   time.Time
	active    time.Time // CREATING before

	mu            sync.Mutex
	gone          bool
	subscriptions map[*shard]*subscription // the last one of each shard
}

func (c *consumer) status(now time.Time) string {
	if now.Before(c.active) {
		return creating
	}
	return active
}

// subscription is a consumer's reading of a shard.
//
// K29: Each consumer gets 2 MiB a second of each shard (Developer Guide, "Quotas and limits")
type subscription struct {
	begun time.Time
	bytes *limits.Bucket // of the consumer and shard; nil without limits
	over  chan struct{}  // closed when another takes its place, or the consumer is gone
}

// resubscribe is for how long after a subscription began the same consumer cannot subscribe to the same shard (API reference, SubscribeToShard).
const resubscribe = 5 * time.Second

// subscribe ends the consumer's subscription to a shard and begins another; it says whether that may be, by now.
//
// K28: A second subscription of a consumer to a shard is refused within five seconds, and later ends the first (API reference, SubscribeToShard)
func (c *consumer) subscribe(sh *shard, now time.Time, limited bool) (sub *subscription, what outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return nil, gone
	}
	sub = &subscription{begun: now, over: make(chan struct{})}
	if limited {
		sub.bytes = limits.NewBucket(limits.ShardReadBytesPerSecond, limits.ShardReadBytesPerSecond)
	}
	if last := c.subscriptions[sh]; last != nil {
		if now.Sub(last.begun) < resubscribe {
			return nil, throttled
		}
		close(last.over)
		sub.bytes = last.bytes
	}
	c.subscriptions[sh] = sub
	return sub, done
}

// end ends all subscriptions, for good.
func (c *consumer) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	for _, sub := range c.subscriptions {
		close(sub.over)
	}
	c.subscriptions = nil
}

// consumers are those of a stream, in the order of their registration.
type consumers struct {
	mu  sync.Mutex
	all []*consumer
}

func (c *consumers) list() []*consumer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*consumer(nil), c.all...)
}

// end ends all of them.
func (c *consumers) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.all {
		one.end()
	}
	c.all = nil
}

// consumerRef names a consumer in a request: by its ARN, or by its stream and name.
type consumerRef struct {
	StreamARN    *string
	ConsumerName *string
	ConsumerARN  *string
}

// Resource is the name of the stream.
func (r consumerRef) Resource() string {
	if r.ConsumerARN != nil {
		return streamOfConsumer(*r.ConsumerARN)
	}
	return streamRef{StreamARN: r.StreamARN}.Resource()
}

// streamOfConsumer is the name of the stream in the ARN of a consumer: arn:aws:kinesis:REGION:ACCOUNT:stream/NAME/consumer/NAME:CREATED.
func streamOfConsumer(arn string) string {
	_, rest, _ := strings.Cut(arn, ":stream/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func (st *stream) consumerARN(name string, created time.Time) string {
	return st.arn + "/consumer/" + name + ":" + strconv.FormatInt(created.Unix(), 10)
}

// findConsumer is the consumer that a request names.
func (s *Service) findConsumer(ref consumerRef) (*consumer, error) {
	var st *stream
	var err error
	switch {
	case ref.ConsumerARN != nil:
		name := streamOfConsumer(*ref.ConsumerARN)
		if !streamNamePattern.MatchString(name) {
			return nil, invalid("consumerARN", *ref.ConsumerARN, `Member must satisfy regular expression pattern: ^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+`)
		}
		st, err = s.find(streamRef{StreamName: &name})
	case ref.StreamARN != nil && ref.ConsumerName != nil:
		st, err = s.find(streamRef{StreamARN: ref.StreamARN})
	default:
		return nil, wire.NewError("InvalidArgumentException", "Either ConsumerARN or both StreamARN and ConsumerName must be specified.")
	}
	if err != nil {
		return nil, err
	}
	for _, c := range st.consumers.list() {
		if ref.ConsumerARN != nil && *ref.ConsumerARN == c.arn || ref.ConsumerARN == nil && *ref.ConsumerName == c.name {
			return c, nil
		}
	}
	asked := fmt.Sprintf("Consumer %s of stream %s", deref(ref.ConsumerName), st.name)
	if ref.ConsumerARN != nil {
		asked = "Consumer with ARN " + *ref.ConsumerARN
	}
	return nil, wire.NewError("ResourceNotFoundException", "%s under account %s not found.", asked, s.config.Account)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// describedConsumer is a consumer as it is told.
type describedConsumer struct {
	ConsumerName, ConsumerARN, ConsumerStatus string
	ConsumerCreationTimestamp                 wire.Time
	StreamARN                                 string `json:",omitempty"` // in DescribeStreamConsumer alone
}

func (c *consumer) describe(now time.Time) describedConsumer {
	return describedConsumer{ConsumerName: c.name, ConsumerARN: c.arn, ConsumerStatus: c.status(now), ConsumerCreationTimestamp: wire.Time(c.created.UnixMilli())}
}
