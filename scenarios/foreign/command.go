package foreign

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// option is one of amazon-kinesis-replay's.
type option struct {
	value bool   // it takes one
	why   string // why it is not taken over; empty for one that is
}

// replayOptions are those of amazon-kinesis-replay, of its last version and of that before 2022.
var replayOptions = map[string]option{
	"streamArn":              {true, "weir makes a stream for each run"},
	"s":                      {true, "weir makes a stream for each run"},
	"streamName":             {true, "weir makes a stream for each run"},
	"streamRegion":           {true, "weir makes a stream for each run"},
	"bucketName":             {true, ""},
	"objectPrefix":           {true, ""},
	"bucketRegion":           {true, ""},
	"speedup":                {true, ""},
	"timestampAttributeName": {true, ""},
	"seek":                   {true, ""},
	"aggregate":              {false, ""},
	"statisticsFrequency":    {true, "progress comes once a second, and series.csv has it"},
	"readerBufferSize":       {true, "a recording of any size begins at once"},
	"bufferSize":             {true, "a recording of any size begins at once"},
	"kinesisProducerBuffer":  {true, "the queue in front of the writer is pipeline.input.queue, in bytes"},
	"kinesisSenderThreads":   {true, "the writer sends what is due, one call a shard at a time"},
	"maxOutstandingRecords":  {true, "the queue in front of the writer is pipeline.input.queue, in bytes"},
	"noWatermark":            {false, "weir sends no watermarks among the records"},
	"noBackpressure":         {false, "the schedule is never held back"},
	"help":                   {false, "it asks for help"},
}

func hasReplayOption(text string) bool {
	return slices.ContainsFunc(shellWords(text), func(w word) bool {
		return strings.HasPrefix(w.text, "-") && slices.Contains([]string{"objectPrefix", "timestampAttributeName", "bucketName"}, strings.TrimLeft(w.text, "-"))
	})
}

// importCommand makes a scenario of a command line of amazon-kinesis-replay.
func importCommand(text string, o Options) (*Scenario, error) {
	given, notes, refused := readOptions(shellWords(text))
	if given["bucketName"] == "" {
		refused = append(refused, Note{0, "it names no -bucketName, and weir has no recording of its own in S3"})
	}
	if strings.Contains(given["bucketName"]+given["objectPrefix"], "$") {
		refused = append(refused, Note{0, "its bucket or prefix is a variable of the shell's: write what is in it"})
	}
	if len(refused) > 0 {
		return nil, &RefusedError{sortNotes(refused)}
	}
	speed, eventTime, key := "6480", "dropoff_datetime", "key"
	if given["speedup"] != "" {
		speed = given["speedup"]
	}
	if given["timestampAttributeName"] != "" {
		eventTime = given["timestampAttributeName"]
	}
	if key = o.Key; key == "" {
		key = "key"
		notes = append(notes, Note{0, "fields.key is key: amazon-kinesis-replay gives each record a random partition key, and weir's rows need one of the record's; --key names another"})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "version: 1\nname: %s\nabout: %s\nload:\n  replay:\n", quoted(o.Name), quoted("imported from a command line of amazon-kinesis-replay"))
	fmt.Fprintf(&b, "    source: %s\n    speed: %sx\n", quoted("s3://"+given["bucketName"]+"/"+strings.TrimPrefix(given["objectPrefix"], "/")), speed)
	if seek := given["seek"]; seek != "" {
		fmt.Fprintf(&b, "    from: %s\n", quoted(seek))
	}
	fmt.Fprintf(&b, "fields:\n  event_time: %s\n  key: [%s]\n", quoted(strings.ReplaceAll(eventTime, ".", `\.`)), quoted(key))
	if given["aggregate"] != "" {
		b.WriteString("pipeline:\n  input: {packing: kpl}\n")
	}
	if region := given["bucketRegion"]; region != "" {
		notes = append(notes, Note{0, "the bucket's region is none of the scenario: weir run … --source-region " + region})
	}
	return &Scenario{YAML: b.Bytes(), Notes: sortNotes(notes)}, nil
}

// readOptions reads what a command line gives.
func readOptions(words []word) (given map[string]string, notes, refused []Note) {
	given = make(map[string]string)
	began := false
	for i := 0; i < len(words); i++ {
		w := words[i]
		name, value, joined := strings.Cut(strings.TrimLeft(w.text, "-"), "=")
		known, isOption := replayOptions[name]
		switch {
		case strings.HasPrefix(w.text, "-") && isOption:
			began = true
			if known.value && !joined {
				if i++; i == len(words) {
					return given, notes, append(refused, Note{w.line, w.text + " has no value"})
				}
				value = words[i].text
			}
			if !known.value {
				value = "true"
			}
			why := ""
			if value, why = readValue(name, value); why != "" {
				refused = append(refused, Note{w.line, why})
			}
			if before, twice := given[name]; twice && before != value && known.why == "" {
				refused = append(refused, Note{w.line, fmt.Sprintf("-%s comes twice, as %s and as %s", name, before, value)})
			}
			given[name] = value
			if known.why != "" {
				notes = append(notes, Note{w.line, fmt.Sprintf("-%s is not taken over: %s", name, known.why)})
			}
		case strings.HasPrefix(w.text, "-") && began:
			refused = append(refused, Note{w.line, fmt.Sprintf("%s is no option of amazon-kinesis-replay", w.text)})
		case began:
			notes = append(notes, Note{w.line, fmt.Sprintf("%s is not taken over: it is no option, and no option's value", w.text)})
		}
	}
	return given, notes, refused
}

// maxSpeed is how many characters a speed of weir's may have.
const maxSpeed = 12

// readValue is an option's value as a scenario has it, or why there is none.
func readValue(name, value string) (read, why string) {
	switch name {
	case "speedup":
		n, err := strconv.ParseFloat(value, 64)
		if strings.Trim(value, "0123456789.eE+-") != "" || err != nil || !(n > 0) {
			return value, fmt.Sprintf("-speedup %s is no number above 0", value)
		}
		read = strconv.FormatFloat(n, 'f', -1, 64)
		if len(read) > maxSpeed {
			return value, fmt.Sprintf("-speedup %s has more digits than a speed of weir's", value)
		}
		return read, ""
	case "seek":
		_, noInstant := time.Parse(time.RFC3339, value)
		if _, noDate := time.Parse(time.DateOnly, value); noInstant != nil && noDate != nil {
			return value, fmt.Sprintf("-seek %s is neither RFC 3339, as 2013-01-31T18:00:00Z, nor a date, as 2013-01-31", value)
		}
	}
	return value, ""
}
