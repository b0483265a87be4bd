package replay

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"weir/record"
)

// FirehoseErrors says what becomes of an error object: what Firehose writes, below its error prefix, for a record that it could not
// transform, convert or deliver. It is a JSON object with, among others, errorCode, errorMessage, and the record in Base64 as rawData
// (Amazon Data Firehose developer guide, "Handle data transformation failure" and "Record format conversion").
type FirehoseErrors string

const (
	// SkipErrors counts error objects as skipped. It is the default, for what Firehose set apart may have been delivered by a
	// retry or by a backup too, and would then be replayed twice.
	SkipErrors FirehoseErrors = "skip"
	// ReplayErrors replays the record in each.
	ReplayErrors FirehoseErrors = "replay"
)

// ParseFirehoseErrors reads what the command line and scenarios write; the empty text stands for skip.
func ParseFirehoseErrors(text string) (FirehoseErrors, error) {
	switch e := FirehoseErrors(text); e {
	case "":
		return SkipErrors, nil
	case SkipErrors, ReplayErrors:
		return e, nil
	}
	return "", fmt.Errorf("firehose errors %q are neither %s nor %s", text, SkipErrors, ReplayErrors)
}

// failed is an error object of Firehose.
type failed struct {
	ErrorCode string  `json:"errorCode"`
	RawData   *string `json:"rawData"`
}

// errorObject says whether data is an error object of Firehose. It is asked only about records without an event time.
func errorObject(data []byte) (failed, bool) {
	var f failed
	if !bytes.Contains(data, []byte(`"rawData"`)) || !bytes.Contains(data, []byte(`"errorCode"`)) {
		return f, false
	}
	err := json.Unmarshal(data, &f)
	return f, err == nil && f.ErrorCode != "" && f.RawData != nil
}

// fromFirehose makes a record of what Firehose could not deliver, if that is asked for.
func (p *parser) fromFirehose(f failed, out func(*record.Record)) (Reason, error) {
	if p.firehose != ReplayErrors {
		return FirehoseError, errors.New(f.ErrorCode)
	}
	data, err := base64.StdEncoding.DecodeString(*f.RawData)
	if err != nil {
		return FirehoseError, fmt.Errorf("%s: its rawData: %w", f.ErrorCode, err)
	}
	r := record.Record{Data: bytes.TrimSpace(data)}
	if reason, err := p.decode(&r); reason != "" {
		return reason, err
	}
	p.give(&r, out)
	return "", nil
}
