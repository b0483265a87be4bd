package house

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// run runs commands as one shell and returns all that they print. What they left running in the background ends with them.
func run(ctx context.Context, clone, commands string) (string, error) {
	const endBackground = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
	command := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", endBackground+rehearse(commands))
	command.Dir = clone
	command.Env = append(os.Environ(), "PATH="+filepath.Join(clone, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "WEIR_PROVE=")
	command.WaitDelay = 5 * time.Second
	out, err := command.CombinedOutput()
	return string(out), err
}

// makesTests is a line that runs the tests, of which this one is.
var makesTests = regexp.MustCompile(`(?m)^(\s*make) (test|prove|lint|bench|fuzz)[ \t]*$`)

// rehearse makes a line such as make test, which would come back here, a check that make has such a target.
func rehearse(commands string) string {
	return makesTests.ReplaceAllString(commands, "$1 --dry-run $2 >/dev/null")
}

func TestRunIsOneShellThatStopsAtAnError(t *testing.T) {
	for name, test := range map[string]struct {
		commands, want string
		fails          bool
	}{
		"both streams":     {commands: "echo a\necho b >&2\n", want: "a\nb\n"},
		"stops":            {commands: "echo a\nfalse\necho b\n", want: "a\n", fails: true},
		"in a pipe":        {commands: "false | true\n", fails: true},
		"unset variable":   {commands: "echo $weir_is_not_set\n", want: "…weir_is_not_set: unbound variable", fails: true},
		"state is kept":    {commands: "x=1\ncd /\necho $x $PWD\n", want: "1 /\n"},
		"background ends":  {commands: "sleep 600 &\necho a\n", want: "a\n"},
		"make test is not": {commands: "make() { echo make $*; }\nmake test\nmake demo\n", want: "make demo\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := run(t.Context(), t.TempDir(), test.commands)
			if (err != nil) != test.fails {
				t.Errorf("error %v", err)
			}
			if !matches(test.want, got) {
				t.Errorf("printed %q, want %q", got, test.want)
			}
		})
	}
}

func TestRehearseChecksOnlyThatTheTargetIsThere(t *testing.T) {
	const commands = "make demo\nmake test\n  make lint \nmake tests\necho make test\n"
	const want = "make demo\nmake --dry-run test >/dev/null\n  make --dry-run lint >/dev/null\nmake tests\necho make test\n"
	if got := rehearse(commands); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
