package replay

import (
	"fmt"
	"strings"
	"testing"
)

// crowded is the survey of a recording with many of everything.
func crowded(t *testing.T) Survey {
	t.Helper()
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, `{"t":%d,"key":"key-%d","kind":"kind-%d"`, i, i%100, i%40)
		for j := range 200 {
			fmt.Fprintf(&text, `,"field_%d":"a value that takes some room"`, j)
		}
		text.WriteString("}\n")
	}
	text.WriteString("broken\n{\"key\":1}\n{\"t\":1}\n" + strings.Repeat("broken\n", 20))
	found, err := TakeSurvey(t.Context(), textOptions(text.String()), 12)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		found.Forms = append(found.Forms, FileForm{Format: NDJSON, Compression: fmt.Sprint("form ", i), Files: 1, Example: "x"})
	}
	found.Command = "weir replay x"
	return found
}

func TestASurveyIsAboutAScreenAndSaysHowMuchMoreThereIs(t *testing.T) {
	found := crowded(t)
	text := found.String()
	if lines := strings.Count(text, "\n"); lines > maxLines {
		t.Errorf("%d lines:\n%s", lines, text)
	}
	for _, want := range []string{"kinds more", "shards more", "forms more", "more\n", "shard 0 ", "replay it ", "skipped "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	found.All = true
	text = found.String()
	for _, want := range []string{"kind-39 ", "shard 11 ", "form 11", "field_199 "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q, with all of it", want)
		}
	}
	if strings.Contains(text, " more\n") {
		t.Errorf("there is more than all:\n%s", text)
	}
}
