package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker (see Makefile); empty, the build information says what was built.
var version string

func (c *cli) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.stdout, "weir %s\n", buildVersion())
			return err
		},
	}
}

// buildVersion is the linker's version, else the module's, else "devel" and the commit, as far as the build knows them.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(version, "devel")
	}
	if version != "" || (info.Main.Version != "" && info.Main.Version != "(devel)") {
		return cmp.Or(version, info.Main.Version)
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "devel-" + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "devel"
}
