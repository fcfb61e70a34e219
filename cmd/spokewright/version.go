package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The version of this source; a release's build may replace it by -ldflags "-X main.version=...".
var version = "0.1.0"

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of this program, Go, kustomize and CUE",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := io.WriteString(c.OutOrStdout(), versions())
			return err
		},
	}
}

// versions is what renders: this program, and the libraries that decide what it writes.
func versions() string {
	return fmt.Sprintf("spokewright %s\ngo %s\nkustomize api %s\ncue %s\n",
		version, runtime.Version(), moduleVersion("sigs.k8s.io/kustomize/api"), moduleVersion("cuelang.org/go"))
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
