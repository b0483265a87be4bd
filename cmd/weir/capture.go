package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/capture"
	"weir/internal/awsclient"
	"weir/record"
	"weir/replay"
	"weir/scenarios"
	"weir/stream"
	"weir/survey"
)

// captureOptions are the flags of `weir capture`.
type captureOptions struct {
	endpoint, region, profile string
	from                      string
	lasting                   scenarios.Duration
	untilTip                  bool
	poll                      scenarios.Duration
	pseudonyms                []string
	key                       string
	json                      bool
}

func (o *captureOptions) register(flags *pflag.FlagSet) {
	o.poll = scenarios.Duration(time.Second)
	flags.StringVar(&o.endpoint, "endpoint-url", "", "an AWS endpoint, as that of weir local (default the account's own)")
	flags.StringVar(&o.region, "region", "", "the stream's region")
	flags.StringVar(&o.profile, "profile", "", "the stream's profile in the shared AWS configuration")
	flags.StringVar(&o.from, "from", "latest", "latest, trim-horizon, or an instant in RFC 3339: where a capture begins that is new")
	flags.Var(&o.lasting, "for", "end after this time (default at Ctrl-C)")
	flags.BoolVar(&o.untilTip, "until-tip", false, "end once each shard was read to its newest record")
	flags.Var(&o.poll, "poll", "the time between two reads of a shard, of which AWS allows five a second in all")
	flags.StringArrayVar(&o.pseudonyms, "pseudonym", nil, "put an alias in the place of this field, by its path, and of partition keys; repeat it for several fields")
	flags.StringVar(&o.key, "pseudonym-key", "weir-pseudonym.key", "the file with the key of the aliases; it is made where it is not there")
	flags.BoolVar(&o.json, "json", false, "print what was captured as JSON")
}

func (c *cli) captureCommand() *cobra.Command {
	var options captureOptions
	command := &cobra.Command{
		Use:   "capture STREAM DEST",
		Short: "Write the records of a stream into files that replay reads, with their keys, times and shards",
		Long: `Write the records of a stream, as they arrive, into gzip files of one JSON object a line, in a folder or below an s3://bucket/prefix/. KPL aggregates
are opened. A capture that was stopped, however, goes on where it was when it is started again, and has each record once.`,
		Args: func(command *cobra.Command, args []string) error {
			if len(args) != 2 {
				return hinted("weir capture STREAM DEST, as in weir capture orders recordings/orders", fmt.Errorf("it takes a stream and a place, and there are %d arguments", len(args)))
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			ctx, cancel := c.untilSignal(command.Context())
			defer cancel()
			return c.capture(ctx, &options, args[0], args[1])
		},
	}
	grouped(command, &options)
	return command
}

func (c *cli) capture(ctx context.Context, o *captureOptions, name, destination string) error {
	config := capture.Config{Stream: name, UntilTip: o.untilTip}
	var err error
	if config.From, err = position(o.from); err != nil {
		return err
	}
	if config.Pseudonyms, err = o.aliases(); err != nil {
		return err
	}
	region := o.region
	if region == "" && awsclient.IsLoopback(o.endpoint) {
		region = defaultRegion
	}
	clients, err := awsclient.New(ctx, awsclient.Config{Endpoint: o.endpoint, Region: region, Profile: o.profile})
	if err != nil {
		return err
	}
	defer clients.Close()
	config.Store = storeAt(destination, clients)
	config.Source = stream.NewReader(stream.ReaderConfig{
		Client: clients.Kinesis, Stream: name, Clock: record.NewClock(time.Now()), Poll: time.Duration(o.poll), Polite: true, Open: true,
	})
	if o.lasting > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(o.lasting))
		defer cancel()
	}
	counts, err := capture.New(config).Run(ctx)
	switch {
	case errors.Is(err, capture.ErrOther):
		return hinted("give another place", err)
	case errors.Is(err, capture.ErrTaken):
		return hinted("end the other capture, or give another place", err)
	}
	if err != nil {
		return err
	}
	return c.printCaptured(o, destination, &counts)
}

func (c *cli) printCaptured(o *captureOptions, destination string, counts *capture.Counts) error {
	if o.json {
		return json.NewEncoder(c.stdout).Encode(counts)
	}
	fmt.Fprintf(c.stdout, "%s in %s: %s\n", survey.Plural(counts.Records, "record"), survey.Plural(counts.Files, "file"), destination)
	if counts.Withheld > 0 {
		fmt.Fprintf(c.stdout, "%s withheld, for nobody can tell what to hide in what is no JSON object, has a member twice, or an array on the way to a field; the first is %s of %s\n",
			survey.Plural(counts.Withheld, "record"), counts.Sample.Sequence, counts.Sample.Shard)
	}
	for _, path := range counts.Absent {
		fmt.Fprintf(c.stdout, "no record has %q, so that nothing is hidden there: is the path right?\n", path)
	}
	return nil
}

// position is where a capture begins.
func position(text string) (record.Position, error) {
	switch text {
	case "latest":
		return record.Position{Kind: record.Latest}, nil
	case "trim-horizon":
		return record.Position{Kind: record.TrimHorizon}, nil
	}
	at, err := replay.ParseInstant(text)
	if err != nil {
		return record.Position{}, usage("--from is neither latest nor trim-horizon, and %w", err)
	}
	return record.Position{Kind: record.AtTimestamp, Timestamp: at}, nil
}

func storeAt(destination string, clients *awsclient.Clients) capture.Store {
	if !replay.OnS3(destination) {
		return capture.Folder(destination)
	}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(destination, "s3://"), "/")
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return &capture.Bucket{Client: clients.S3, Name: bucket, Prefix: prefix}
}

// keyBytes is how long a key is that is made here.
const keyBytes = 32

// aliases are those that were asked for, nil for none.
func (o *captureOptions) aliases() (*capture.Pseudonyms, error) {
	if len(o.pseudonyms) == 0 {
		return nil, nil
	}
	key, err := os.ReadFile(o.key)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, keyBytes)
		_, _ = rand.Read(key) // it never fails
		err = os.WriteFile(o.key, key, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("--pseudonym-key: %w", err)
	}
	aliases, err := capture.NewPseudonyms(key, o.pseudonyms)
	if err != nil {
		return nil, usage("--pseudonym: %w", err)
	}
	return aliases, nil
}
