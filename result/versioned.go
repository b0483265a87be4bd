package result

import (
	"encoding/json"
	"fmt"
	"io"
)

// parse reads the text of a JSON file into a value, whose version is one up to the newest that is known.
func parse(path string, text []byte, value any, version *int, newest int) error {
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if *version < 1 || *version > newest {
		return fmt.Errorf("%s: version %d, and this weir reads up to version %d", path, *version, newest)
	}
	return nil
}

// write writes a value as indented JSON, its text as it is.
func write(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
