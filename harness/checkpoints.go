package harness

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"weir/aggregator"
	"weir/capture"
)

// checkpointFolder is where checkpoints are that the scenario gives no place, in the run folder.
const checkpointFolder = "checkpoints"

// checkpoints is how the run keeps the aggregator's state: in a place of its own, for what was made by another run is of another stream.
func (r *run) checkpoints() *aggregator.Checkpoints {
	c := r.scenario.Pipeline.Aggregator.Checkpoints
	if c == nil {
		return nil
	}
	kept := &aggregator.Checkpoints{
		Every: time.Duration(c.Every), Of: aggregator.Identity{Scenario: r.scenario.Name, Stream: r.names.input},
	}
	for _, restart := range r.scenario.Restarts() {
		kept.Keep = append(kept.Keep, restart.From)
	}
	switch place, inS3 := strings.CutPrefix(c.To, "s3://"); {
	case inS3:
		bucket, prefix, _ := strings.Cut(place, "/")
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			prefix += "/"
		}
		kept.Store = objects{&capture.Bucket{Client: r.clients.S3, Name: bucket, Prefix: prefix + r.names.run + "/"}, r.clients.S3}
	case c.To != "":
		kept.Store = files{capture.Folder(filepath.Join(c.To, r.names.run))}
	default:
		kept.Store = files{capture.Folder(filepath.Join(r.folder.Path(), checkpointFolder))}
	}
	return kept
}

// files are checkpoints in a folder.
type files struct{ capture.Folder }

// Remove implements [aggregator.Store].
func (f files) Remove(_ context.Context, name string) error {
	err := os.Remove(filepath.Join(string(f.Folder), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// objects are checkpoints in S3.
type objects struct {
	*capture.Bucket
	client *s3.Client
}

// Remove implements [aggregator.Store].
func (o objects) Remove(ctx context.Context, name string) error {
	_, err := o.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &o.Name, Key: aws.String(o.Prefix + name)})
	return err
}
