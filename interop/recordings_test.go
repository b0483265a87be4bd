package interop

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRecordingsOfOtherProgramsAreReadAsTheyReadThem has pyarrow, fastparquet, cramjam, python-snappy and Python write 20,000 rows in every format, and holds what weir
// reads against what pyarrow and fastparquet read back.
func TestRecordingsOfOtherProgramsAreReadAsTheyReadThem(t *testing.T) {
	venv := filepath.Join(downloads, "recordings")
	run(t, os.Environ(), ".", "python3", "-m", "venv", venv)
	bin := filepath.Join(venv, "bin")
	run(t, os.Environ(), ".", filepath.Join(bin, "pip"), "install", "-q", "--disable-pip-version-check", "-r", "python/recordings.txt")
	folder := t.TempDir()
	run(t, os.Environ(), ".", filepath.Join(bin, "python3"), "python/recordings.py", folder, "20000")
	run(t, append(os.Environ(), "WEIR_FORMATS="+folder), "..", "go", "test", "-count=1", "-run", "^TestFormatsThatWereMadeAnew$", "./replay")
}
