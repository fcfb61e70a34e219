package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The version of this source; a release's build may replace it by -ldflags "-X main.version=...".
var version = "0.1.0"

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "spokewright %s\ngo %s\nkustomize api %s\ncue %s\n",
				version, runtime.Version(), moduleVersion("sigs.k8s.io/kustomize/api"), moduleVersion("cuelang.org/go"))
			return err
		},
	}
}

// moduleVersion is the version of a library in this binary.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == path {
				return module.Version
			}
		}
	}
	return "unknown"
}
