package replay

import (
	"strings"
	"testing"

	"weir/record"
)

// TestWhyAFileIsNoCSVIsHintedAt and how it becomes some.
func TestWhyAFileIsNoCSVIsHintedAt(t *testing.T) {
	for text, want := range map[string]string{
		"# made by x\nt,key\n1,a\n":           "- may be CSV below a comment: tail -n +2 takes that away",
		"# made by x, today\n#\nt,key\n1,a\n": "- may be CSV below a comment: tail -n +3 takes that away",
		"t,key\r1,a\r2,b\r":                   `- may be CSV whose lines end with \r alone: tr '\r' '\n' makes line ends of them`,
		"t\n1357020000000\n1357020060000\n":   "- may be CSV of a single column: --format csv reads it so",
		"t,key\n1,a,b\n":                      "- may be CSV whose first row has not as many fields as its header: --format csv reads it so",
		"a log line\nand another\n":           "",
		"# a comment\n{\"key\":\"a\"}\n":      "",
		"garbage\n{\"key\":\"a\"}\n":          "",
	} {
		_, err := Open(t.Context(), textOptions(text))
		if err == nil || strings.Contains(err.Error(), "may be CSV") != (want != "") || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for text, remedy := range map[string]func(string) string{
		"# made by x\nt,key\n1,a\n": func(text string) string { _, rest, _ := strings.Cut(text, "\n"); return rest },
		"t,key\r1,a\r2,b\r":         func(text string) string { return strings.ReplaceAll(text, "\r", "\n") },
	} {
		if records, skipped := parseAll(t, inMemory(remedy(text)), AutoFormat); len(records) == 0 || skipped.Count > 0 {
			t.Errorf("%q is not read by what is said: %q, %+v", text, records, skipped)
		}
	}
	if records, skipped := parseFields(t, inMemory("t\n1\n2\n"), CSV, record.Fields{EventTime: "t", Key: []string{"t"}}); len(records) != 2 || skipped.Count > 0 {
		t.Errorf("a single column: %q, %+v", records, skipped)
	}
}

// TestAQuoteTooManyCostsItsRowAlone be there a quote in a later row, or none.
func TestAQuoteTooManyCostsItsRowAlone(t *testing.T) {
	for _, behind := range []string{"d", `"d"`, `"d ""D"""`} {
		for _, m := range []*memory{inMemory("t,key,x\n0,z,0\n1,\"a,1\n2,b,2\n3," + behind + ",3\n4,e,4\n"), slowly("t,key,x\n0,z,0\n1,\"a,1\n2,b,2\n3," + behind + ",3\n4,e,4\n")} {
			if records, skipped := parseAll(t, m, AutoFormat); len(records) != 4 || skipped.Count != 1 || skipped.ByReason[BadRow] != 1 {
				t.Errorf("%s: %q, %+v", behind, records, skipped)
			}
		}
	}
	if records, skipped := parseAll(t, inMemory("t,key\n1,\"a\nb\"\r\n2,\"c\n\"\n3,\"d\n\""), AutoFormat); len(records) != 3 || skipped.Count > 0 {
		t.Errorf("line ends in quotes: %q, %+v", records, skipped)
	}
}
