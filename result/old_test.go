package result

import (
	"errors"
	"testing"
)

// One field means two things in two versions, so that what would stand beside another is of this version, or the sentence names it.
func TestAResultOfAnOldVersionStandsBesideNothing(t *testing.T) {
	for _, test := range []struct {
		err  error
		old  bool
		want string
	}{
		{(&Result{Version: Version}).CheckCurrent("runs/a"), false, ""},
		{(&Baseline{ResultVersion: Version}).CheckCurrent("base"), false, ""},
		{
			(&Result{Version: 1}).CheckCurrent("runs/a"), true,
			"runs/a: result.json has version 1, which counted only records that were stored and not read; version 2 counts the whole backlog: run it again",
		},
		{
			(&Baseline{ResultVersion: 1}).CheckCurrent("base"), true,
			"base: the baseline's runs have result.json version 1, which counted only records that were stored and not read; version 2 counts the whole backlog: make the baseline again",
		},
		{(&Sizing{Version: SizingVersion, ResultVersion: Version}).CheckCurrent("sized"), false, ""},
		{
			(&Sizing{}).CheckCurrent("sized"), true,
			"sized: the runs of this search have result.json version 1, which counted only records that were stored and not read; version 2 counts the whole backlog: begin a new search",
		},
		{
			(&Baseline{ResultVersion: Version + 1}).CheckCurrent("base"), false,
			"base: the baseline's runs have a result.json of version 3, and this weir reads up to version 2",
		},
	} {
		got := ""
		if test.err != nil {
			got = test.err.Error()
		}
		if got != test.want || errors.Is(test.err, ErrOld) != test.old {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
