package house

import (
	"regexp"
	"strings"
	"testing"
)

// wildcard stands in a page for what changes from run to run: within a line for any characters, alone on a line for any lines.
const wildcard = "…"

// matches says whether commands printed what the page says. Space at the ends of lines and of the whole does not count.
func matches(page, printed string) bool {
	var pattern strings.Builder
	pattern.WriteString(`\A`)
	for _, line := range lines(page) {
		if strings.TrimSpace(line) == wildcard {
			pattern.WriteString(`(?:.*\n)*`)
			continue
		}
		parts := strings.Split(line, wildcard)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern.WriteString(strings.Join(parts, `.*`) + `\n`)
	}
	pattern.WriteString(`\z`)
	return regexp.MustCompile(pattern.String()).MatchString(strings.Join(lines(printed), "\n") + "\n")
}

func lines(text string) []string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	for i := range all {
		all[i] = strings.TrimRight(all[i], " \t\r")
	}
	return all
}

func TestMatchesKnowsWhatMayChange(t *testing.T) {
	for name, test := range map[string]struct {
		page, printed string
		want          bool
	}{
		"the same":                 {page: "a\nb\n", printed: "a\nb\n", want: true},
		"space at ends":            {page: "a\n", printed: "\na  \n\n", want: true},
		"another":                  {page: "a\n", printed: "b\n"},
		"more":                     {page: "a\n", printed: "a\nb\n"},
		"less":                     {page: "a\nb\n", printed: "a\n"},
		"nothing":                  {page: "", printed: "", want: true},
		"a figure":                 {page: "acked … ms, p99 … ms", printed: "acked 1.2 ms, p99 3 ms", want: true},
		"a figure too few":         {page: "acked … ms, p99 … ms", printed: "acked 1.2 ms"},
		"a figure is on one line":  {page: "a … b", printed: "a\nb"},
		"many lines":               {page: "a\n…\nd", printed: "a\nb\nc\nd", want: true},
		"no lines":                 {page: "a\n…\nd", printed: "a\nd", want: true},
		"lines, and then another":  {page: "a\n…\nd", printed: "a\nb\nc"},
		"what looks like a regexp": {page: "a.c (b)*", printed: "abc (b)*"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := matches(test.page, test.printed); got != test.want {
				t.Errorf("matches(%q, %q) = %v", test.page, test.printed, got)
			}
		})
	}
}
