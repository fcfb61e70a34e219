// Command sbom writes the bill of materials of a Go program: what the linker put into it, in CycloneDX's JSON. It reads
// the binary, not go.mod, so that it names what is shipped. It does not say whether that is safe: make vuln does.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: sbom PROGRAM")
	}
	bill, err := read(args[0])
	if err != nil {
		return err
	}
	text, err := bill.json()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}
