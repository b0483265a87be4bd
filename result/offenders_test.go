package result_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/result"
)

func offenderLog(t *testing.T) (l *result.OffenderLog, path string) {
	t.Helper()
	folder, err := result.Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	return folder.OffenderLog(), filepath.Join(folder.Path(), result.OffendersFile)
}

func TestOffendersAreNamedEach(t *testing.T) {
	l, path := offenderLog(t)
	l.Write(&result.Offender{Offence: "lost", Stream: "input", Shard: "s", Sequence: "17", EventTime: "2013-01-01T00:00:00.000Z", Kind: "order", Key: "a,b|c"})
	l.Write(&result.Offender{Offence: "lost", Stream: "output", Shard: "s", Sequence: "18", Route: "orders"})
	l.Write(&result.Offender{Offence: "wrong", WindowStart: "2013-01-01T00:00:00Z", Kind: "order", Key: `say "x"`})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `offence,stream,shard,sequence,partition_key,event_time,window_start,kind,key,route
lost,input,s,17,,2013-01-01T00:00:00.000Z,,order,"a,b|c",
lost,output,s,18,,,,,,orders
wrong,,,,,,2013-01-01T00:00:00Z,order,"say ""x""",
`
	if string(got) != want {
		t.Errorf("offenders.csv is\n%s", got)
	}
}

func TestThereAreNoOffendersWithoutOne(t *testing.T) {
	l, path := offenderLog(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("offenders.csv: %v", err)
	}
}

func TestOffendersThatCannotBeWrittenAreAnError(t *testing.T) {
	l, path := offenderLog(t)
	if err := os.WriteFile(path, nil, 0o600); err != nil { // which a run does not write over
		t.Fatal(err)
	}
	l.Write(&result.Offender{Offence: "lost"})
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "offenders.csv does not name all") {
		t.Errorf("closed with %v", err)
	}
}
