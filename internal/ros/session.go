package ros

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/tiiuae/rclgo/pkg/rclgo"
)

var (
	// ErrArguments is returned by Open when the ROS arguments, or a parameter file named in them, can't be read.
	ErrArguments = errors.New("ROS arguments")
	// ErrOpen is returned by Open when the process is in ROS 2 already.
	ErrOpen = errors.New("a ROS 2 session is open already")
)

// Session is this process's membership in ROS 2. There is one at a time, since logging is per process.
// Its methods are safe for concurrent use, but Close must come last.
type Session struct {
	context   *rclgo.Context
	overrides overrides
	closing   sync.Once
	closeErr  error

	mu    sync.Mutex // guards all below
	nodes []*rclgo.Node
	renew func() // while Run runs: makes it look at the subscriptions anew
}

// Open joins ROS 2 with the process's arguments (without the program's name) and returns those that are not
// for ROS. It points Fast DDS to the project's profile unless the environment names one. Errors wrap
// ErrArguments where the user can mend them, and ErrOpen while another session is open.
func Open(args []string) (*Session, []string, error) {
	runtime.LockOSThread() // rcl keeps the text of its errors by thread
	defer runtime.UnlockOSThread()
	if rclgo.DefaultContext() != nil {
		return nil, nil, ErrOpen
	}
	useFastDDSProfile()
	if os.Getenv("HOME") == "" && os.Getenv("ROS_HOME") == "" { // ROS's log files need a place, in a service too
		_ = os.Setenv("ROS_HOME", filepath.Join(os.TempDir(), "ros"))
	}
	rosArgs, rest := split(args)
	found, err := parseOverrides(rosArgs)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrArguments, err)
	}
	parsed, _, err := rclgo.ParseArgs(rosArgs)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s", ErrArguments, firstLine(err))
	}
	if err := rclgo.InitWithOpts(parsed, nil); err != nil {
		return nil, nil, fmt.Errorf("starting ROS 2: %s", firstLine(err))
	}
	return &Session{context: rclgo.DefaultContext(), overrides: found}, rest, nil
}

// Run serves all subscriptions until ctx ends, and then returns nil; any other error is ROS's. While it runs, publishers
// and subscriptions may be made by handlers alone, which Run's goroutine calls: rclgo's list of them has no lock.
func (s *Session) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		serving, renew := context.WithCancel(ctx)
		s.setRenew(renew) // before rclgo looks at what there is, so that nothing is overlooked
		err := s.context.Spin(serving)
		renewed := serving.Err() != nil
		renew()
		if err != nil && !renewed {
			return fmt.Errorf("ROS 2: %s", firstLine(err))
		}
	}
	s.setRenew(nil)
	return nil
}

func (s *Session) setRenew(renew func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renew = renew
}

// subscribed makes a running Run serve a subscription that is new: rclgo serves those that it finds when it starts.
func (s *Session) subscribed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.renew != nil {
		s.renew()
	}
}

// lastWords is how long a session stays after its last log lines: what a Fast DDS reader has not taken up when the
// writer leaves is lost, and rcl keeps the publisher of /rosout to itself, so that its acknowledgements can't be awaited.
const lastWords = 100 * time.Millisecond

// Close leaves ROS 2 and frees all nodes, publishers and subscriptions. Run must have returned, and nothing
// may publish or log through ROS any more. It may be called more than once.
func (s *Session) Close() error {
	s.closing.Do(func() {
		stopLogging()
		time.Sleep(lastWords)
		var errs []error
		for _, n := range s.nodes {
			errs = append(errs, closeRosout(n))
		}
		s.closeErr = errors.Join(append(errs, rclgo.Uninit())...)
	})
	return s.closeErr
}

// split separates what stands between --ros-args and -- from the program's own arguments, keeping the marker.
func split(args []string) (rosArgs, rest []string) {
	inside := false
	for _, a := range args {
		switch {
		case a == "--ros-args":
			inside = true
		case inside && a == "--":
			inside = false
		case inside:
			rosArgs = append(rosArgs, a)
		default:
			rest = append(rest, a)
		}
	}
	if len(rosArgs) > 0 {
		rosArgs = append([]string{"--ros-args"}, rosArgs...)
	}
	return rosArgs, rest
}

// useFastDDSProfile makes large camera frames arrive (see config/fastdds.xml).
func useFastDDSProfile() {
	const variable = "FASTRTPS_DEFAULT_PROFILES_FILE"
	if os.Getenv(variable) != "" {
		return
	}
	if file := Share("config/fastdds.xml"); file != "" {
		_ = os.Setenv(variable, file)
	}
}

// Share finds a file that comes with rtmdl, such as "config/fastdds.xml": beside bin/ in a checkout, or in
// share/rtmdl of the prefix whose lib/rtmdl holds the executable. It returns "" where there is none.
func Share(name string) string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	if exe, err = filepath.EvalSymlinks(exe); err != nil {
		return ""
	}
	dir := filepath.Dir(exe)
	for _, base := range []string{filepath.Join(dir, ".."), filepath.Join(dir, "../../share/rtmdl")} {
		file := filepath.Join(base, name)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}

// firstLine shortens rclgo's errors, which have a stack trace below, and in front a type that is often the wrong one,
// since several of rcl's codes have the same number.
func firstLine(err error) string {
	text, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	if strings.HasPrefix(text, "[*rclgo.") {
		_, text, _ = strings.Cut(text, "] ")
	}
	return withoutPlaces(text)
}
