package harness

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/record"
	"weir/replay"
	"weir/result"
)

func TestTheResultSaysWhichFilesWereNotOpened(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"2013/01/01/10/a": `{"key":"k","event_time":"2013-01-01T10:10:00Z"}`, "2013/01/01/17/b": "x", "2013/01/01/18/c": "x",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	from := time.Date(2013, 1, 1, 10, 0, 0, 0, time.UTC)
	source, err := replay.Open(t.Context(), replay.Options{
		Source: root, Fields: record.Fields{EventTime: "event_time", Key: []string{"key"}}, From: from, To: from.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var res result.Result
	(&recorded{Source: source}).fill(&res)
	if res.Unopened == nil || *res.Unopened != (result.UnopenedFiles{Files: 2, First: "2013/01/01/17/b", Last: "2013/01/01/18/c"}) {
		t.Errorf("%+v", res.Unopened)
	}
}
