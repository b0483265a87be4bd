package localaws_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"weir/internal/localaws"
	"weir/internal/localaws/pipenet"
)

// speaking is a stock SDK client that speaks one version of HTTP alone.
func speaking(t *testing.T, address string, version int, trusted *x509.CertPool) *kinesis.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version == 1)
	transport.Protocols.SetHTTP2(version == 2)
	transport.Protocols.SetUnencryptedHTTP2(version == 2)
	t.Cleanup(transport.CloseIdleConnections)
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &address, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: &http.Client{Transport: transport}, Retryer: aws.NopRetryer{},
	})
}

// speakingOver is one that reaches a server inside of a bubble.
func speakingOver(t *testing.T, network *pipenet.Listener) *kinesis.Client {
	client := speaking(t, "http://kinesis.local", 1, nil)
	transport := client.Options().HTTPClient.(*http.Client).Transport.(*http.Transport)
	transport.DialContext = network.Dial
	return client
}

// subscribed makes a stream, a consumer and a subscription, and gives the events.
func subscribed(t *testing.T, client *kinesis.Client) *kinesis.SubscribeToShardEventStream {
	t.Helper()
	if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	consumer, err := client.RegisterStreamConsumer(t.Context(), &kinesis.RegisterStreamConsumerInput{
		StreamARN: aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/s"), ConsumerName: aws.String("c"),
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.SubscribeToShard(t.Context(), &kinesis.SubscribeToShardInput{
		ConsumerARN: consumer.Consumer.ConsumerARN, ShardId: aws.String("shardId-000000000000"),
		StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.GetStream()
}

func TestEventsAreStreamedOverBothVersionsOfHTTPWithAndWithoutTLS(t *testing.T) {
	for _, version := range []int{1, 2} {
		for _, secure := range []bool{false, true} {
			address, authority := "", []byte(nil)
			if secure {
				address, authority = startTLS(t)
				address = "https://" + address
			} else {
				_, address, _ = start(t, localaws.Config{SettleDelay: -1})
			}
			trusted := x509.NewCertPool()
			trusted.AppendCertsFromPEM(authority)
			client := speaking(t, address, version, trusted)
			events := subscribed(t, client)
			<-events.Events() // of nothing
			if _, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("d")}); err != nil {
				t.Fatal(err)
			}
			event, ok := (<-events.Events()).(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
			if !ok || len(event.Value.Records) != 1 || string(event.Value.Records[0].Data) != "d" {
				t.Errorf("%s, HTTP/%d: %+v, %v", address, version, event, events.Err())
			}
			if err := events.Close(); err != nil {
				t.Errorf("%s, HTTP/%d: %v", address, version, err)
			}
		}
	}
}

func TestAServerThatStopsWaitsForNoSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := pipenet.Listen()
		stop := serve(t, localaws.Config{SettleDelay: -1}, network)
		events := subscribed(t, speakingOver(t, network))
		defer events.Close()
		<-events.Events()
		begun := time.Now()
		stop()
		if took := time.Since(begun); took > 500*time.Millisecond { // it gives other calls two seconds
			t.Errorf("it took %v", took)
		}
		if _, ok := <-events.Events(); ok {
			t.Error("an event came after the end")
		}
	})
}
