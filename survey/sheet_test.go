package survey

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheLongestListsOfASheetAreShortened(t *testing.T) {
	list := func(n int) (lines []string) {
		for i := range n {
			lines = append(lines, fmt.Sprint(i))
		}
		return lines
	}
	for _, test := range []struct {
		limit, first, second int
		whole                bool
		want                 string
	}{
		{0, 4, 2, false, "row 1|a 0| 1| 2| 3|b 0| 1|"},
		{7, 4, 2, false, "row 1|a 0| 1| 2| 3|b 0| 1|"},
		{10, 9, 3, false, "row 1|a 0| 1| 2| 3| 4| and 4 as more|b 0| 1| 2|"},
		{9, 5, 5, false, "row 1|a 0| 1| 2| and 2 as more|b 0| 1| 2| and 2 bs more|"},
		{3, 6, 2, false, "row 1|a 0| 1| 2| and 3 as more|b 0| 1|"},
		{3, 0, 6, true, "row 1|b 0| 1| 2| 3| 4| 5|"},
	} {
		var text strings.Builder
		s := NewSheet(&text)
		s.Limit(test.limit)
		if test.whole {
			s.Whole()
		}
		s.Row("row", "%d", 1)
		s.List("a", "as", 100, list(test.first))
		s.List("b", "bs", 100, list(test.second))
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(text.String(), "\n")
		for i := range lines {
			name, rest, _ := strings.Cut(lines[i], " ")
			lines[i] = strings.TrimRight(name+" "+strings.TrimLeft(rest, " "), " ")
			if name == "" && rest != "" {
				lines[i] = " " + strings.TrimLeft(rest, " ")
			}
		}
		if got := strings.Join(lines, "|"); got != test.want {
			t.Errorf("limit %d, lists of %d and %d: %s, want %s", test.limit, test.first, test.second, got, test.want)
		}
	}
}
