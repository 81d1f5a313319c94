package camera

import (
	"bytes"
	"errors"
)

// maxScans is far above what cameras and tools write into a progressive JPEG. Each scan costs a pass over the
// whole picture, and few bytes.
const maxScans = 64

var (
	errTruncated = errors.New("the JPEG file is truncated")
	errScans     = errors.New("the JPEG file has too many scans")
)

// checkJPEG reads a JPEG file's markers, up to that of its end, and decodes nothing. OpenCV would decode a
// truncated file without a word and leave the rest of the picture grey, in which a detector may see what it
// likes. What comes after the end (cameras pad) does no harm.
func checkJPEG(file []byte) error {
	const (
		marker      = 0xFF
		startOfFile = 0xD8
		endOfFile   = 0xD9
		startOfScan = 0xDA
	)
	if len(file) < 2 || file[0] != marker || file[1] != startOfFile {
		return errTruncated
	}
	rest, scans := file[2:], 0
	for {
		i := bytes.IndexByte(rest, marker)
		if i < 0 || i+1 >= len(rest) {
			return errTruncated
		}
		code := rest[i+1]
		switch {
		case code == marker: // a fill byte
			rest = rest[i+1:]
		case code == 0, code == 1, code >= 0xD0 && code <= startOfFile: // stuffing, or a marker without a segment
			rest = rest[i+2:]
		case code == endOfFile:
			if scans == 0 {
				return errTruncated
			}
			return nil
		default:
			if len(rest) < i+4 {
				return errTruncated
			}
			length := int(rest[i+2])<<8 | int(rest[i+3]) // of the segment, its own two bytes included
			if length < 2 || len(rest) < i+2+length {
				return errTruncated
			}
			if code == startOfScan {
				if scans++; scans > maxScans {
					return errScans
				}
			}
			rest = rest[i+2+length:]
		}
	}
}
