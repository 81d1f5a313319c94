package device

import (
	"errors"
	"fmt"
	"os"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// DefaultLibrary is what is loaded where the user names no library: found beside the executable's other
// libraries, in LD_LIBRARY_PATH or in the system's folders.
const DefaultLibrary = "libonnxruntime.so"

var environment struct { // ONNX Runtime is set up once a process: doing it again has been seen to crash
	sync.Mutex
	library string // "": not yet
}

// start loads ONNX Runtime. A second call must name the same library.
func start(library string) error {
	if library == "" {
		library = DefaultLibrary
	}
	environment.Lock()
	defer environment.Unlock()
	switch environment.library {
	case library:
		return nil
	case "":
	default:
		return fmt.Errorf("%w: %s is loaded already, and a process can load one library", ErrLibrary, environment.library)
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return fmt.Errorf("%w: loading %s (version 1.22 or newer is needed; parameter onnxruntime_library names it): %w",
			ErrLibrary, library, err)
	}
	environment.library = library
	return nil
}

// LibraryVersion returns the version of ONNX Runtime that was loaded, such as 1.27.0; "" before any.
func LibraryVersion() string {
	environment.Lock()
	defer environment.Unlock()
	if environment.library == "" {
		return ""
	}
	return ort.GetVersion()
}

// maxModelBytes is far above any network for a small car, and far below what would exhaust its memory.
const maxModelBytes = 1 << 30

// maxElements bounds a tensor, 256 MB: a damaged shape must not exhaust the memory.
const maxElements = 1 << 26

// checkFile finds out cheaply what is wrong with a file, for a better word than the runtime's.
func checkFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w %s: no such file", ErrModel, path)
	case err != nil:
		return fmt.Errorf("%w %s: %w", ErrModel, path, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w %s: not a file", ErrModel, path)
	case info.Size() == 0:
		return fmt.Errorf("%w %s: the file is empty", ErrModel, path)
	case info.Size() > maxModelBytes:
		return fmt.Errorf("%w %s: %d bytes, more than the %d that are allowed", ErrModel, path, info.Size(), maxModelBytes)
	}
	return nil
}

func toSpecs(path string, infos []ort.InputOutputInfo) ([]Spec, error) {
	if len(infos) == 0 {
		return nil, fmt.Errorf("%w %s: it has no inputs or no outputs", ErrModel, path)
	}
	specs := make([]Spec, 0, len(infos))
	for _, info := range infos {
		if info.OrtValueType != ort.ONNXTypeTensor || info.DataType != ort.TensorElementDataTypeFloat {
			return nil, fmt.Errorf("%w %s: %s is no tensor of 32-bit floats", ErrModel, path, info.Name)
		}
		spec := Spec{Name: info.Name, Shape: info.Dimensions.Clone()}
		if len(spec.Shape) == 0 {
			return nil, fmt.Errorf("%w %s: %s has no shape, and must have a static one", ErrModel, path, info.Name)
		}
		size := int64(1)
		for _, d := range spec.Shape {
			if d < 1 {
				return nil, fmt.Errorf("%w %s: the shape of %s, %v, is not static", ErrModel, path, info.Name, spec.Shape)
			}
			if d > maxElements/size { // written so that nothing overflows
				return nil, fmt.Errorf("%w %s: the shape of %s, %v, has more than %d elements",
					ErrModel, path, info.Name, spec.Shape, maxElements)
			}
			size *= d
		}
		specs = append(specs, spec)
	}
	return specs, nil
}

func names(specs []Spec) []string {
	out := make([]string, len(specs))
	for i, s := range specs {
		out[i] = s.Name
	}
	return out
}
