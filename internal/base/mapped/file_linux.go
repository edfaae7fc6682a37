package mapped

import (
	"os"
	"syscall"
)

func mapPiece(f *os.File, at, long int64) ([]byte, error) {
	// A page that has no room on the disk would end the process when it is written to.
	if err := syscall.Fallocate(int(f.Fd()), 0, at, long); err != nil {
		return nil, os.NewSyscallError("fallocate", err)
	}
	b, err := syscall.Mmap(int(f.Fd()), at, int(long), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	return b, os.NewSyscallError("mmap", err)
}

// rest takes pages out of the memory of the process; what was written to them is in
// the file.
func rest(b []byte) {
	_ = syscall.Madvise(b, syscall.MADV_DONTNEED) // nothing depends on it
}

func (h *held) free() {
	for _, b := range h.pieces {
		_ = syscall.Munmap(b) // nobody holds it
	}
}
