// Package spelling finds what a misspelt name was probably meant to be.
package spelling

import (
	"fmt"
	"strings"
)

// maxName is the length beyond which a word is no misspelt name.
const maxName = 64

// Nearest is the name that a word was probably meant to be: at most a third of its letters are wrong, or one. Empty if there is none.
func Nearest(word string, names []string) string {
	if len(word) > maxName {
		return ""
	}
	best, least := "", max(1, len(word)/3)+1
	for _, name := range names {
		if d := distance(strings.ToLower(word), name); d < least {
			best, least = name, d
		}
	}
	return best
}

// Hint says which name was probably meant, and which there are.
func Hint(word string, names []string) string {
	all := strings.Join(names, ", ")
	if near := Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %s? There are %s", near, all)
	}
	return "there are " + all
}

// distance is how many characters have to be changed, put in, left out or swapped with their neighbour to make b of a (the
// optimal string alignment distance).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(from); i++ {
		for j := 1; j <= len(to); j++ {
			change := 1
			if from[i-1] == to[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && from[i-1] == to[j-2] && from[i-2] == to[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(from)][len(to)]
}
