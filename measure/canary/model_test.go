package canary

import (
	"testing"
	"testing/fstest"
)

func TestCPUModelIsThatOfTheFirstCPU(t *testing.T) {
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"told":     {files: fstest.MapFS{"proc/cpuinfo": {Data: []byte("processor\t: 0\nmodel name\t: Some CPU  @ 2.1GHz\n\nprocessor\t: 1\nmodel name\t: other\n")}}, want: "Some CPU @ 2.1GHz"},
		"not told": {files: fstest.MapFS{"proc/cpuinfo": {Data: []byte("processor\t: 0\nCPU part\t: 0xd0c\n")}}},
		"no proc":  {files: fstest.MapFS{}},
	} {
		if got := CPUModel(test.files); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
