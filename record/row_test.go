package record

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// keyParts draws at least one part, of the characters that matter to a join.
func keyParts() *rapid.Generator[[]string] {
	part := rapid.StringOfN(rapid.SampledFrom([]rune{'a', '|', '\\', 'ä'}), 0, 4, -1)
	return rapid.SliceOfN(part, 1, 4)
}

func TestJoinKeyKeepsEveryPartInItsPlace(t *testing.T) {
	for _, c := range []struct {
		parts []string
		want  string
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"a"}, "a"},
		{[]string{"a", "b"}, "a|b"},
		{[]string{"", "b"}, "|b"},
		{[]string{"a", ""}, "a|"},
		{[]string{"", "", ""}, "||"},
		{[]string{"a|b"}, `a\|b`},
		{[]string{`a\`, "b"}, `a\\|b`},
		{[]string{`\|`}, `\\\|`},
	} {
		if got := JoinKey(c.parts); got != c.want {
			t.Errorf("%q join to %s, want %s", c.parts, got, c.want)
		}
	}
}

func TestSplitKeyIsTheInverseOfJoinKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := keyParts().Draw(t, "parts")
		if got := SplitKey(JoinKey(parts)); !slices.Equal(got, parts) {
			t.Fatalf("%q became %q", parts, got)
		}
	})
}

func TestDifferentKeysNeverJoinToTheSameText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := keyParts().Draw(t, "a"), keyParts().Draw(t, "b")
		if (JoinKey(a) == JoinKey(b)) != slices.Equal(a, b) {
			t.Fatalf("%q and %q both join to %q", a, b, JoinKey(a))
		}
	})
}

func FuzzJoinKeyOfSplitKeyIsStable(f *testing.F) {
	for _, seed := range []string{"", "a|b", `a\|b`, `\`, `a\`, `\a`, `|\\|`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		parts := SplitKey(key)
		if again := SplitKey(JoinKey(parts)); !slices.Equal(again, parts) {
			t.Errorf("%q splits to %q, which became %q", key, parts, again)
		}
	})
}

func anyRow(t *rapid.T) Row {
	size := rapid.SampledFrom([]int64{1, 250, 1000, 60_000}).Draw(t, "size")
	start := rapid.Int64Range(-1_000_000_000, 1_000_000_000).Draw(t, "start") * size
	number := rapid.Custom(func(t *rapid.T) string {
		text := rapid.StringMatching(`|-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,17})?`).Draw(t, "text")
		if text == "" {
			return ""
		}
		number, err := CanonicalNumber(text)
		if err != nil {
			t.Fatal(err)
		}
		return number
	})
	return Row{
		RowID:     RowID{Kind: rapid.String().Draw(t, "kind"), Key: JoinKey(keyParts().Draw(t, "key")), WindowStart: start},
		WindowEnd: start + size,
		Count:     rapid.Int64().Draw(t, "count"),
		Sum:       number.Draw(t, "sum"), Min: number.Draw(t, "min"), Max: number.Draw(t, "max"),
	}
}

func TestEveryRowSurvivesItsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := anyRow(t)
		data, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		var got Row
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(row, got); diff != "" {
			t.Fatalf("%s: %s", data, diff)
		}
	})
}

func TestRowJSONIsTheContract(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string
	}{
		"values": {
			Row{RowID{"departure", "JFK|4", 1357020000000}, 1357020060000, 3, "-7.5", "-9", "1.50", "-2.5"},
			`{"kind":"departure","key":["JFK","4"],"window_start":"2013-01-01T06:00:00Z","window_end":"2013-01-01T06:01:00Z","count":3,"sum":-7.5,"min":-9,"max":1.50,"mean":-2.5}`,
		},
		"no value": {
			Row{RowID{"", "", 0}, 1000, 1, "", "", "", ""},
			`{"kind":"","key":[""],"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:01Z","count":1}`,
		},
		"a window of half a second": {
			Row{RowID{"a", "k", 1000}, 1500, 1, "0", "0", "0", ""},
			`{"kind":"a","key":["k"],"window_start":"1970-01-01T00:00:01.000Z","window_end":"1970-01-01T00:00:01.500Z","count":1,"sum":0,"min":0,"max":0}`,
		},
	} {
		if got, err := json.Marshal(c.row); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, c.want)
		}
	}
}

func TestRowReadsWhatAnotherEngineWrites(t *testing.T) {
	data := `{"extra":{}, "max":1e1, "count":2, "key":["k"], "window_start":"2013-01-01T07:00:00+01:00", "window_end":"2013-01-01T06:01:00.000Z", "sum":1.50, "min":null, "mean":7.50E-1}`
	want := Row{RowID{"", "k", 1357020000000}, 1357020060000, 2, "1.5", "", "10", "0.75"}
	var got Row
	if err := json.Unmarshal([]byte(data), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRowRefusesWhatIsNoRow(t *testing.T) {
	before := Row{Count: 7}
	for _, data := range []string{
		`[]`, `{}`,
		`{"window_start":"2013-01-01T06:00:00Z"}`,
		`{"window_start":"noon","window_end":"2013-01-01T06:00:00Z"}`,
		`{"window_start":"2013-01-01T06:00:00Z","window_end":"2013-01-01T06:01:00Z","count":1.5}`,
		`{"window_start":"2013-01-01T06:00:00Z","window_end":"2013-01-01T06:01:00Z","key":"k"}`,
		`{"window_start":"2013-01-01T06:00:00Z","window_end":"2013-01-01T06:01:00Z","sum":1e200}`,
	} {
		row := before
		if err := json.Unmarshal([]byte(data), &row); err == nil || row != before {
			t.Errorf("%s: %v, error %v", data, row, err)
		}
	}
}

func TestRowIDReadsAsWindowKindAndKey(t *testing.T) {
	for id, want := range map[RowID]string{
		{"order", "k|1", 1357020000000}: "2013-01-01T06:00:00Z order k|1",
		{"order", "k", 1357020000250}:   "2013-01-01T06:00:00.250Z order k",
		{"order", "k", -250}:            "1969-12-31T23:59:59.750Z order k",
	} {
		if got := id.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
