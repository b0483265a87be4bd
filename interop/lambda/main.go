// Command lambda is a function on AWS's own runtime for Go, to be invoked through AWS's runtime interface emulator: it takes the events that weir
// makes, and writes what was in them into the file that ROWS names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// row is what it reads of a row.
type row struct {
	Kind        string `json:"kind"`
	WindowStart string `json:"window_start"`
	Count       int64  `json:"count"`
}

// invoked counts the invocations, of which the emulator makes one at a time.
var invoked int

// fromStream is the function of a routed pipeline. Its second invocation fails, and its third refuses all but its first record.
func fromStream(_ context.Context, event events.KinesisEvent) (events.KinesisEventResponse, error) {
	var response events.KinesisEventResponse
	if invoked++; invoked == 2 {
		return response, errors.New("now and then")
	}
	for i, record := range event.Records {
		if invoked == 3 && i == 1 {
			response.BatchItemFailures = []events.KinesisBatchItemFailure{{ItemIdentifier: record.Kinesis.SequenceNumber}}
			return response, nil
		}
		if record.EventSource != "aws:kinesis" || record.EventID == "" || record.Kinesis.ApproximateArrivalTimestamp.IsZero() {
			return response, errors.New("this is no record of Kinesis")
		}
		if err := write(record.Kinesis.Data); err != nil {
			return response, err
		}
	}
	return response, nil
}

// fromApplication is that of a direct one.
func fromApplication(_ context.Context, event events.KinesisAnalyticsOutputDeliveryEvent) (events.KinesisAnalyticsOutputDeliveryResponse, error) {
	var response events.KinesisAnalyticsOutputDeliveryResponse
	for _, record := range event.Records {
		if err := write(record.Data); err != nil {
			return response, err
		}
		response.Records = append(response.Records, events.KinesisAnalyticsOutputDeliveryResponseRecord{
			RecordID: record.RecordID, Result: events.KinesisAnalyticsOutputDeliveryOK,
		})
	}
	return response, nil
}

func write(data []byte) error {
	var r row
	if err := json.Unmarshal(data, &r); err != nil || r.Kind == "" || r.WindowStart == "" || r.Count == 0 {
		return errors.Join(errors.New("this is no row"), err)
	}
	file, err := os.OpenFile(os.Getenv("ROWS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.Write(append(data, '\n')); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

func main() {
	if os.Getenv("EVENT") == "output" {
		lambda.Start(fromApplication)
	}
	lambda.Start(fromStream)
}
