package bag

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	importHint  = "`rtmdl import BAG --out NEW.mcap` makes an MCAP file of it"
	convertHint = "convert it with `rosbags-convert --src BAG --dst NEW_FOLDER --dst-storage mcap` (pip install rosbags)"
)

// Metadata is what a rosbag2 folder's metadata.yaml says of its files.
type Metadata struct {
	Storage     string   // such as mcap or sqlite3
	Files       []string // in their order, at least one
	Compression string   // "", file or message: what is compressed
}

// resolve returns the MCAP files of a path: itself, or those of a rosbag2 folder in their order.
func resolve(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open bag: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	m, err := ReadMetadata(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	case m.Storage == "sqlite3":
		return nil, &NotMCAPError{Path: path, Looks: "a SQLite bag", Hint: importHint}
	case m.Compression != "":
		return nil, fmt.Errorf("open bag: %s: %w: compressed by rosbag2 (mode %.20s); %s", path, ErrUnsupported, m.Compression, importHint)
	default:
		return m.Files, nil
	}
	var paths []string
	// No metadata.yaml, as when the recorder was killed.
	files, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("open bag: %w", err)
	}
	for _, file := range files {
		switch filepath.Ext(file.Name()) {
		case ".mcap":
			paths = append(paths, filepath.Join(path, file.Name()))
		case ".db3":
			return nil, &NotMCAPError{Path: path, Looks: "a SQLite bag", Hint: importHint}
		}
	}
	switch len(paths) {
	case 0:
		return nil, &NotMCAPError{Path: path, Looks: "a folder without metadata.yaml and without .mcap files"}
	case 1:
		return paths, nil
	}
	return nil, fmt.Errorf("open bag: %s: %w: a folder without metadata.yaml, but with %d .mcap files; name one of them",
		path, ErrUnsupported, len(paths))
}

// maxMetadata is the largest metadata.yaml that is read, in bytes.
const maxMetadata = 16 << 20

// ReadMetadata reads a rosbag2 folder's metadata.yaml. Where there is none the error wraps fs.ErrNotExist, and ErrCorrupt where
// it can't be used.
func ReadMetadata(folder string) (*Metadata, error) {
	path := filepath.Join(folder, "metadata.yaml")
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open bag: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxMetadata))
	if err != nil {
		return nil, fmt.Errorf("open bag: %w", err)
	}
	var metadata struct {
		Info struct {
			Storage         string   `yaml:"storage_identifier"`
			Files           []string `yaml:"relative_file_paths"`
			CompressionMode string   `yaml:"compression_mode"`
		} `yaml:"rosbag2_bagfile_information"`
	}
	if err := yaml.Unmarshal(text, &metadata); err != nil {
		return nil, fmt.Errorf("open bag: %s: %w: %w", path, ErrCorrupt, err)
	}
	info := metadata.Info
	mode := strings.ToLower(info.CompressionMode)
	if mode == "none" {
		mode = ""
	}
	if len(info.Files) == 0 {
		return nil, fmt.Errorf("open bag: %s: %w: names no files", path, ErrCorrupt)
	}
	paths := make([]string, len(info.Files))
	for i, name := range info.Files {
		// Old recorders put the folder's own name in front.
		paths[i] = filepath.Join(folder, filepath.FromSlash(name))
		if _, err := os.Stat(paths[i]); err != nil || !filepath.IsLocal(filepath.FromSlash(name)) {
			paths[i] = filepath.Join(folder, filepath.Base(filepath.FromSlash(name)))
		}
	}
	return &Metadata{Storage: info.Storage, Files: paths, Compression: mode}, nil
}

// foreign describes a file by its first bytes.
func foreign(path string, head []byte) error {
	e := &NotMCAPError{Path: path}
	for _, known := range []struct{ prefix, looks, hint string }{
		{"SQLite format 3\x00", "a SQLite bag", importHint},
		{"#ROSBAG V", "a ROS 1 bag", convertHint},
		{"\x28\xb5\x2f\xfd", "a zstd-compressed file", "if it is a bag, " + importHint},
		{"\x1f\x8b", "a gzip-compressed file", "decompress it with `gunzip`"},
		{"\x04\x22\x4d\x18", "an LZ4-compressed file", "decompress it with `lz4 -d`"},
		{"PK\x03\x04", "a ZIP archive", "unpack it"},
		{"\xff\xd8\xff", "a JPEG picture", ""},
		{"\x89PNG", "a PNG picture", ""},
		{"rosbag2_bagfile_information", "the metadata.yaml of a bag", "give its folder"},
		{"version https://git-lfs", "a Git LFS pointer", "fetch the file with `git lfs pull`"},
		{magic[:4], "the beginning of an MCAP file, cut within its first bytes", ""},
	} {
		if bytes.HasPrefix(head, []byte(known.prefix)) {
			e.Looks, e.Hint = known.looks, known.hint
			return e
		}
	}
	e.Looks = fmt.Sprintf("binary data (% x …)", head[:min(len(head), 8)])
	if isText(head) {
		e.Looks = "a text file"
	}
	return e
}

func isText(head []byte) bool {
	for _, b := range head {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' {
			return false
		}
	}
	return true
}
