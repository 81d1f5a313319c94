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
	clock     clock

	making        sync.Mutex // guards all below, and rclgo's own lists: held while anything is made in ROS
	nodes         []*Node
	subscriptions []*rclgo.Subscription
	services      []*rclgo.Service
	renew         map[*waiter]context.CancelFunc // of those that wait, while Run runs: makes them look at what there is anew
}

// waiter fills a wait set with what one goroutine of Run serves.
type waiter struct{ fill func(*rclgo.WaitSet) }

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

// Run serves all subscriptions until ctx ends, on one goroutine, and all services, on another, and then returns nil; any
// other error is ROS's.
func (s *Session) Run(ctx context.Context) error {
	if err := s.tellParameters(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() {
		defer stop()
		served <- s.serve(ctx, &waiter{func(w *rclgo.WaitSet) { w.AddServices(s.services...) }})
	}()
	err := s.serve(ctx, &waiter{func(w *rclgo.WaitSet) { w.AddSubscriptions(s.subscriptions...) }})
	stop()
	return errors.Join(err, <-served)
}

// serve waits for what a waiter has, and begins anew whenever something is made: rclgo serves what it finds when it starts.
func (s *Session) serve(ctx context.Context, w *waiter) error {
	for ctx.Err() == nil {
		serving, renew := context.WithCancel(ctx)
		set, err := s.waitSet(w, renew)
		if err != nil {
			renew()
			return fmt.Errorf("ROS 2: %s", firstLine(err))
		}
		err = set.Run(serving)
		renewed := serving.Err() != nil
		renew()
		s.making.Lock()
		err = errors.Join(err, set.Close())
		s.making.Unlock()
		if err != nil && !renewed {
			return fmt.Errorf("ROS 2: %s", firstLine(err))
		}
	}
	s.making.Lock()
	defer s.making.Unlock()
	delete(s.renew, w)
	return nil
}

func (s *Session) waitSet(w *waiter, renew context.CancelFunc) (*rclgo.WaitSet, error) {
	s.making.Lock()
	defer s.making.Unlock()
	set, err := s.context.NewWaitSet()
	if err != nil {
		return nil, err
	}
	w.fill(set)
	if s.renew == nil {
		s.renew = map[*waiter]context.CancelFunc{}
	}
	s.renew[w] = renew
	return set, nil
}

// renewLocked makes a running Run serve what is new.
func (s *Session) renewLocked() {
	for _, renew := range s.renew {
		renew()
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
			errs = append(errs, closeRosout(n.node))
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
