package result

import "testing"

func TestTheLargestPartIsNamedUnlessSeveralAre(t *testing.T) {
	for want, records := range map[string]map[string]int64{
		WriterPart: {HarnessPart: 5, WriterPart: 7, StreamPart: 6}, EnginePart: {WriterPart: 7, StreamPart: 7, EnginePart: 8},
		"": {WriterPart: 7, EnginePart: 7}, StreamPart: {StreamPart: 1},
	} {
		b := Backlog{Parts: make(map[string]BacklogPart)}
		for part, n := range records {
			b.Parts[part] = BacklogPart{Waited: Waited{MaxRecords: n}}
		}
		if got := b.Largest(InputBacklog); got != want {
			t.Errorf("%v: %q, want %q", records, got, want)
		}
	}
	if got := (&Backlog{}).Largest(TableBacklog); got != "" {
		t.Errorf("the table has no part %q", got)
	}
}
