// Command yiwang runs a city district's public business; see README.md.
package main

import (
	"os"

	"yiwang/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
