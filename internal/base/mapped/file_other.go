//go:build !linux

package mapped

import (
	"errors"
	"os"
)

func mapPiece(*os.File, int64, int64) ([]byte, error) { return nil, errors.ErrUnsupported }

func rest([]byte) {}

func (*held) free() {}
