package replay

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"weir/record"
)

// FirehoseErrors says what becomes of an error object: what Firehose writes, below its error prefix, for a record that it could not
// transform, convert or deliver. It is a JSON object with, among others, a code, a message, and the record in Base64 as rawData. The code is errorCode, and
// lastErrorCode where the format could not be converted (Amazon Data Firehose developer guide, "Handle data transformation failure" and "Record format
// conversion"). Either may begin in upper case.
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
	Code    string
	RawData string
}

// errorObject says whether data is an error object of Firehose. It is asked only about records without an event time.
func errorObject(data []byte) (f failed, ok bool) {
	if !bytes.Contains(data, []byte(`awData"`)) || !bytes.Contains(data, []byte(`rrorCode"`)) {
		return f, false
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return f, false
	}
	raw, last := false, ""
	for name, value := range members {
		switch strings.ToLower(name) {
		case "errorcode":
			_ = json.Unmarshal(value, &f.Code) // anything but text is no code
		case "lasterrorcode":
			_ = json.Unmarshal(value, &last)
		case "rawdata":
			raw = json.Unmarshal(value, &f.RawData) == nil && value[0] == '"'
		}
	}
	f.Code = cmp.Or(f.Code, last)
	return f, raw && f.Code != ""
}

// fromFirehose makes records of what Firehose could not deliver, if that is asked for.
func (p *parser) fromFirehose(f failed, e envelope, out func(*record.Record)) (Reason, error) {
	if p.firehose != ReplayErrors {
		return FirehoseError, errors.New(f.Code)
	}
	data, err := base64.StdEncoding.DecodeString(f.RawData)
	if err != nil {
		return FirehoseError, fmt.Errorf("%s: its rawData: %w", f.Code, err)
	}
	return p.open(data, e, false, out)
}
