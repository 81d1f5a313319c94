package task

import (
	"fmt"
	"io"
	"os"
)

// MaxFile is the size in bytes over which a file is refused unread.
const MaxFile = 16_000_000

// ReadSet reads a task-set file. The error is Problems, or that of opening or
// reading the file.
func ReadSet(name string) (*Set, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return ParseSet(name, data)
}

// ReadPlan reads a plan file for a valid set. The error is Problems, or that
// of opening or reading the file.
func ReadPlan(name string, s *Set) (*Plan, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return ParsePlan(name, data, s)
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFile {
		return nil, tooLarge(name, info.Size())
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1)) // a pipe has no size
	if err != nil {
		return nil, err
	}
	return data, sizeOf(name, data)
}

// sizeOf refuses data that is too large.
func sizeOf(name string, data []byte) error {
	if len(data) > MaxFile {
		return tooLarge(name, int64(len(data)))
	}
	return nil
}

func tooLarge(name string, size int64) error {
	return Problems{{File: name, Value: fmt.Sprint(size, " bytes"), Want: fmt.Sprintf("want at most %d bytes", MaxFile)}}
}
