package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// everything stands for all of weir's packages.
const everything = "..."

// rule says what the code of a package, its tests aside, may import of weir. Imports run downwards only.
type rule struct {
	folder string   // with /... it is for the folders below, too
	may    []string // packages of weir; its own folders with /... come on top
	never  []string // prefixes of import paths that it must not reach, not even through other packages
	only   []string // the packages that may import this one; nil is whichever rule allows it
	why    string
}

var sdk = []string{"github.com/aws/"}

// rules is the table of DESIGN.md, "The house", in its order: the path of the data, from the command line down.
var rules = []rule{
	{
		folder: "cmd/weir",
		may:    []string{everything},
		why:    "the command line wires everything, and nothing else lives in it",
	},
	{
		folder: "sizing",
		may: []string{
			"limits", "measure/verdict", "result", "scenarios", "sizing/price", "sizing/simulator", "sizing/trace", "stream/kpl", "survey",
		},
		never: []string{"weir/harness", "weir/internal/localaws"},
		why:   "it is handed what carries out a run, so that a world of known truth can stand in for it",
	},
	{
		folder: "sizing/price",
		never:  sdk,
		why:    "what something costs is a file and arithmetic",
	},
	{
		folder: "sizing/simulator",
		may: []string{
			"aggregator", "aggregator/window", "internal/deque", "limits", "measure/backlog", "measure/verdict", "record", "result", "routing", "routing/filter", "scenarios", "sizing/trace", "stream/kpl",
		},
		never: []string{"weir/harness", "weir/internal/localaws"},
		why:   "it goes by the same rules as a run, and shares no part of one",
	},
	{
		folder: "sizing/trace",
		may:    []string{"generator", "limits", "record", "scenarios", "survey"},
		why:    "a load is what it is, whatever it goes through",
	},
	{
		folder: "harness",
		may: []string{
			"aggregator", "aggregator/window", "capture", "generator", "internal/awsclient", "limits", "measure", "measure/backlog", "measure/canary", "measure/ledger", "measure/oracle",
			"measure/verdict", "harness/pacing", "record", "replay", "result", "routing", "routing/filter", "scenarios", "stream", "table",
		},
		why: "one run is put together of what lies below; it shows nothing, and sees the embedded AWS as it sees AWS",
	},
	{
		folder: "harness/pacing",
		never:  sdk,
		why:    "how to wait is between the feeder and the operating system",
	},
	{
		folder: "scenarios",
		may:    []string{"aggregator", "generator", "internal/spelling", "limits", "measure/verdict", "record", "replay", "routing/filter", "survey"},
		never:  []string{"github.com/aws/aws-sdk-go-v2/config"},
		why:    "a scenario is a value that is checked before anything is reached, credentials included",
	},
	{
		folder: "scenarios/foreign",
		never:  sdk,
		why:    "what another tool is given is text, and so is what becomes of it",
	},
	{
		folder: "generator",
		may:    []string{"limits", "record"},
		never:  sdk,
		why:    "record i is a pure function of the configuration and i: no clock, no I/O",
	},
	{
		folder: "capture",
		may:    []string{"record", "stream/lineage"},
		why:    "it writes down what a stream gives, whoever reads it",
	},
	{
		folder: "survey",
		may:    []string{"limits", "record"},
		never:  sdk,
		why:    "what a load would bring to each shard is arithmetic, whoever makes the load",
	},
	{
		folder: "replay",
		may:    []string{"limits", "record", "replay/compression", "replay/parquet", "stream/kpl", "survey"},
		why:    "a source makes records; what becomes of them is not its business",
	},
	{
		folder: "replay/compression",
		never:  sdk,
		why:    "how a file is compressed is the same wherever it comes from",
	},
	{
		folder: "replay/parquet",
		may:    []string{"record"},
		never:  sdk,
		why:    "a format, which serves whoever has a file",
	},
	{
		folder: "stream",
		may:    []string{"internal/deque", "internal/md5lanes", "limits", "record", "stream/kpl"},
		why:    "both ends of a stream serve any pipeline, so they know of none",
	},
	{
		folder: "stream/kpl",
		may:    []string{"internal/md5lanes"},
		never:  sdk,
		why:    "a format, which serves whoever has bytes",
	},
	{
		folder: "stream/lineage",
		may:    []string{"record"},
		never:  sdk,
		why:    "which shard is read when is the same, however a stream is read",
	},
	{
		folder: "aggregator",
		may:    []string{"aggregator/window", "record", "stream/lineage"},
		never:  sdk,
		why:    "a real Flink has to be able to take its place, so it touches no AWS but through what it is handed",
	},
	{
		folder: "aggregator/window",
		may:    []string{"record"},
		never:  sdk,
		why:    "arithmetic, which can be held against Flink's without a stream",
	},
	{
		folder: "routing",
		may:    []string{"record", "routing/filter", "stream/lineage"},
		never:  sdk,
		why:    "a handler is given rows, from whichever stream",
	},
	{
		folder: "routing/filter",
		may:    []string{"record"},
		never:  sdk,
		why:    "a pattern language, which can be held against Lambda's without a stream",
	},
	{
		folder: "table",
		may:    []string{"limits", "record"},
		why:    "rows go in and come back; what they should be is the oracle's business",
	},
	{
		folder: "measure",
		may:    []string{"measure/backlog", "measure/internal/signal", "measure/ledger", "measure/oracle", "measure/verdict", "record", "result"},
		never:  sdk,
		why:    "what measures may not depend on what is measured",
	},
	{
		folder: "measure/backlog",
		may:    []string{"record"},
		never:  sdk,
		why:    "the books, the meter and whoever shows them mean the same by a backlog",
	},
	{
		folder: "measure/ledger",
		may:    []string{"internal/deque", "measure/backlog", "measure/internal/signal", "record"},
		never:  sdk,
		why:    "what measures may not depend on what is measured",
	},
	{
		folder: "measure/oracle",
		may:    []string{"record"},
		never:  sdk,
		why:    "an oracle that shared code with the aggregator or its windows would share their mistakes",
	},
	{
		folder: "measure/verdict",
		may:    []string{"internal/spelling", "limits", "result"},
		never:  sdk,
		why:    "a verdict is a function of what was measured",
	},
	{
		folder: "measure/regression",
		may:    []string{"measure/verdict", "result"},
		never:  sdk,
		why:    "whether B is slower than A is a function of what was measured, however the runs were made",
	},
	{
		folder: "measure/canary",
		never:  sdk,
		why:    "it watches the host, and knows nothing of the run",
	},
	{
		folder: "measure/internal/signal",
		why:    "it knows nothing of what it signals",
	},
	{
		folder: "result",
		never:  sdk,
		why:    "a run folder can be read by a program that has nothing else of weir",
	},
	{
		folder: "record",
		may:    []string{"limits"},
		never:  sdk,
		why:    "everybody imports it, so it has to be light",
	},
	{
		folder: "limits",
		never:  sdk,
		why:    "AWS's numbers are facts; they depend on nothing",
	},
	{
		folder: "report",
		may:    []string{"result"},
		never:  sdk,
		only:   []string{"cmd/weir"},
		why:    "it shows what a run folder holds, and computes nothing that is not in it",
	},
	{
		folder: "internal/deque",
		never:  sdk,
		why:    "it knows nothing of what waits in it",
	},
	{
		folder: "internal/queueing",
		only:   []string{"internal/queueing/worlds"},
		why:    "what a proof is held against shares nothing with what is proved, and nothing but tests has a use for it",
	},
	{
		folder: "internal/queueing/worlds",
		may:    []string{"generator", "internal/queueing", "record", "scenarios"},
		only:   []string{},
		why:    "a world is a scenario and its load, and what becomes of them is the model's",
	},
	{
		folder: "internal/spelling",
		never:  sdk,
		why:    "it knows words, and not what they name",
	},
	{
		folder: "internal/md5lanes",
		never:  sdk,
		why:    "a hash, of whatever it is given",
	},
	{
		folder: "internal/buffers",
		never:  sdk,
		why:    "it lends memory, to whatever end",
	},
	{
		folder: "internal/jsonscan",
		never:  sdk,
		why:    "it knows JSON, and not what is written in it",
	},
	{
		folder: "internal/awsclient",
		may:    []string{"internal/buffers", "internal/jsonscan"},
		why:    "the client is configured alike for whoever asks",
	},
	{
		folder: "internal/localaws/...",
		may:    []string{"internal/buffers", "internal/jsonscan", "internal/md5lanes", "limits"},
		never:  sdk,
		only:   []string{"cmd/weir"},
		why: "an independent witness: it shares neither weir's code nor the SDK's, and all others reach it over the wire, exactly as they " +
			"reach AWS",
	},
	{
		folder: "internal/house",
		why:    "nothing but tests",
	},
}

func TestHouseImportsRunDownwardsOnly(t *testing.T) {
	for _, violation := range check(rules, packagesOfWeir(t)) {
		t.Error(violation)
	}
}

// packagesOfWeir asks Go for all packages.
func packagesOfWeir(t *testing.T) []goPackage {
	t.Helper()
	watch(t)
	command := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	command.Dir = root
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
}

func TestCheckNamesWhatBreaksARule(t *testing.T) {
	table := []rule{
		{folder: "cmd", may: []string{everything}, why: "wires"},
		{folder: "a", may: []string{"b"}, never: []string{"github.com/aws/"}, why: "a's reason"},
		{folder: "b", why: "b's reason"},
		{folder: "tree/...", may: []string{"b"}, only: []string{"cmd"}, why: "tree's reason"},
	}
	for name, test := range map[string]struct {
		p    goPackage
		want []string // in one violation each; none is none
	}{
		"allowed":              {p: goPackage{ImportPath: "weir/a", Imports: []string{"fmt", "weir/b", "github.com/x/y"}}},
		"everything":           {p: goPackage{ImportPath: "weir/cmd", Imports: []string{"weir/a", "weir/tree/leaf"}}},
		"upwards":              {p: goPackage{ImportPath: "weir/b", Imports: []string{"weir/a"}}, want: []string{"b imports a, which it may not: b's reason"}},
		"below is not allowed": {p: goPackage{ImportPath: "weir/a", Imports: []string{"weir/b/c"}}, want: []string{"a imports b/c"}},
		"not its name's start": {p: goPackage{ImportPath: "weir/a", Imports: []string{"weir/bb"}}, want: []string{"a imports bb"}},
		"through others":       {p: goPackage{ImportPath: "weir/a", Deps: []string{"github.com/aws/smithy-go"}}, want: []string{"a reaches github.com/aws/smithy-go, which it may never: a's reason"}},
		"reserved":             {p: goPackage{ImportPath: "weir/a", Imports: []string{"weir/tree"}}, want: []string{"a imports tree, which it may not: a's reason"}},
		"within a tree":        {p: goPackage{ImportPath: "weir/tree/leaf", Imports: []string{"weir/tree", "weir/tree/x", "weir/b"}}},
		"out of a tree":        {p: goPackage{ImportPath: "weir/tree/leaf", Imports: []string{"weir/a"}}, want: []string{"tree/leaf imports a"}},
		"unknown":              {p: goPackage{ImportPath: "weir/new", Imports: []string{"weir/a"}}, want: []string{"new has no rule: add it"}},
		"each":                 {p: goPackage{ImportPath: "weir/b", Imports: []string{"weir/a", "weir/cmd"}}, want: []string{"imports a", "imports cmd"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := check(table, []goPackage{test.p})
			if len(got) != len(test.want) {
				t.Fatalf("%d violations, want %d: %q", len(got), len(test.want), got)
			}
			for i := range got {
				if !strings.Contains(got[i], test.want[i]) {
					t.Errorf("%q does not say %q", got[i], test.want[i])
				}
			}
		})
	}
}

func TestCheckKeepsAReservedPackageFromAnyRuleThatListsIt(t *testing.T) {
	table := []rule{{folder: "a", may: []string{"tree"}, why: "a's reason"}, {folder: "tree/...", only: []string{"cmd"}, why: "tree's reason"}}
	got := check(table, []goPackage{{ImportPath: "weir/a", Imports: []string{"weir/tree"}}})
	if len(got) != 1 || !strings.Contains(got[0], "only cmd may import tree: tree's reason") {
		t.Errorf("got %q", got)
	}
}
