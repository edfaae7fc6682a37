// Package packs holds the city packs that are part of the program. They are
// declarations only; internal/core/city reads and checks them.
package packs

import "embed"

//go:embed all:demo
var files embed.FS

// Demo returns the demo city: a synthetic district on real ground.
func Demo() embed.FS { return files }
