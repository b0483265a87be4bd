package aggregator

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/record"
)

// What Flink 1.20.5's own KeyGroupRangeAssignment says of these strings, run under Java 17.
func TestKeyGroupsAreFlinks(t *testing.T) {
	shapes := [][2]int{{128, 3}, {128, 5}, {512, 256}, {100, 7}, {32768, 10}}
	for _, c := range []struct {
		kind, key string
		hash      int32
		want      [][2]int // key group and subtask
	}{
		{"order", "42", 1234331116, [][2]int{{99, 2}, {99, 3}, {99, 49}, {7, 0}, {1635, 0}}},
		{"", "", 124, [][2]int{{102, 2}, {102, 3}, {230, 115}, {38, 2}, {9446, 2}}},
		{"a", "b", 97159, [][2]int{{44, 1}, {44, 1}, {300, 150}, {16, 1}, {27436, 8}}},
		{"ab", "", 96379, [][2]int{{89, 2}, {89, 3}, {217, 108}, {17, 1}, {7385, 2}}},
		{"departure", "EWR|UA", 1745547824, [][2]int{{33, 0}, {33, 1}, {161, 80}, {85, 5}, {22177, 6}}},
		{"größe", "straße", -1297006591, [][2]int{{71, 1}, {71, 2}, {327, 163}, {35, 2}, {27975, 8}}},
		{"emoji", "😀x", 1742465727, [][2]int{{2, 0}, {2, 0}, {386, 193}, {94, 6}, {14722, 4}}},
		{"weather", "JFK", 127965831, [][2]int{{82, 1}, {82, 3}, {338, 169}, {58, 4}, {26450, 8}}},
		{"kind", strings.Repeat("x", 300), -1297398424, [][2]int{{116, 2}, {116, 4}, {372, 186}, {48, 3}, {21876, 6}}},
		{"polygenelubricants", "", -2147483524, [][2]int{{107, 2}, {107, 4}, {235, 117}, {23, 1}, {21739, 6}}},
		{"日本", "語", 802519497, [][2]int{{29, 0}, {29, 1}, {157, 78}, {37, 2}, {27805, 8}}},
	} {
		if got := int32(javaHash(c.kind+"|"+c.key, 0)); got != c.hash {
			t.Errorf("%s|%s hashes to %d, in Java to %d", c.kind, c.key, got, c.hash)
		}
		for i, shape := range shapes {
			groups, err := newKeyGroups(shape[0], shape[1])
			if err != nil {
				t.Fatal(err)
			}
			got := [2]int{groups.of(c.kind, c.key), groups.subtask(&record.Event{Kind: c.kind, Key: c.key})}
			if got != c.want[i] {
				t.Errorf("%s|%s, %d key groups on %d subtasks: key group and subtask %v, in Flink %v", c.kind, c.key, shape[0], shape[1], got, c.want[i])
			}
		}
	}
}

func TestMaxParallelismIsFlinks(t *testing.T) {
	for parallelism, want := range map[int]int{1: 128, 2: 128, 85: 128, 86: 256, 128: 256, 200: 512, 256: 512, 1000: 2048, 30000: 32768} {
		if got := DefaultMaxParallelism(parallelism); got != want {
			t.Errorf("parallelism %d: %d, in Flink %d", parallelism, got, want)
		}
	}
	for _, groups := range []int{3, mostKeyGroups + 1, -1} {
		if _, err := newKeyGroups(groups, 4); err == nil {
			t.Errorf("%d key groups for 4 subtasks were taken", groups)
		}
	}
}

// The ranges of the subtasks are those of Flink's computeKeyGroupRangeForOperatorIndex: one after the other, and of all groups.
func TestASubtaskHasARangeOfKeyGroups(t *testing.T) {
	k, _ := newKeyGroups(128, 3)
	if got := []int{k.first(0), k.first(1), k.first(2), k.first(3)}; !slices.Equal(got, []int{0, 43, 86, 128}) {
		t.Errorf("%v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 1000).Draw(t, "groups")
		k, err := newKeyGroups(groups, rapid.IntRange(1, groups).Draw(t, "subtasks"))
		if err != nil {
			t.Fatal(err)
		}
		for g := range groups {
			if owner := k.owner(g); g < k.first(owner) || g >= k.first(owner+1) || owner >= k.subtasks {
				t.Fatalf("key group %d falls to %d, whose range is from %d to %d", g, owner, k.first(owner), k.first(owner+1))
			}
		}
	})
}
