package spelling

import (
	"strings"
	"testing"
)

func TestNearestNameIsOneOfFewWrongLetters(t *testing.T) {
	names := []string{"weight", "keys", "size", "at", "out_of_orderness"}
	for word, want := range map[string]string{
		"wieght": "weight", "weigth": "weight", "Weight": "weight", "key": "keys", "out_of_ordernes": "out_of_orderness", "outoforderness": "out_of_orderness",
		"att": "at", "colour": "", "x": "", "": "", strings.Repeat("k", 1<<16): "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("%.20q: %q, want %q", word, got, want)
		}
	}
}

func TestHintNamesWhatWasMeantAndWhatThereIs(t *testing.T) {
	names := []string{"orders", "refunds"}
	for word, want := range map[string]string{"ordres": "did you mean orders? There are orders, refunds", "colour": "there are orders, refunds"} {
		if got := Hint(word, names); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
