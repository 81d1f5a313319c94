package rig

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrEnded is returned for a program that has ended by itself.
var ErrEnded = errors.New("has ended by itself")

// group are programs that run together.
type group struct {
	members []*member
}

// member is one program.
type member struct {
	command *exec.Cmd
	log     string
	ended   chan struct{} // closed once it has ended
	err     error         // of its end
}

// start starts programs, each an argument list behind a path from root; what they say goes to files in logs. The
// group is to be stopped with an error, too.
func start(root, logs string, programs [][]string) (*group, error) {
	g := &group{}
	for i, words := range programs {
		m := &member{log: filepath.Join(logs, fmt.Sprintf("%s_%d.log", filepath.Base(words[0]), i)), ended: make(chan struct{})}
		log, err := os.Create(m.log)
		if err != nil {
			return g, err
		}
		m.command = exec.Command(filepath.Join(root, words[0]), words[1:]...)
		m.command.Dir, m.command.Stdout, m.command.Stderr = root, log, log
		// An interrupt of the terminal comes to us alone, so that the programs end in order.
		m.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		err = errors.Join(m.command.Start(), log.Close())
		if err != nil {
			return g, err
		}
		g.members = append(g.members, m)
		go func() { // ends with the program, for which stop waits
			m.err = m.command.Wait()
			close(m.ended)
		}()
	}
	return g, nil
}

// alive returns an error if a program has ended.
func (g *group) alive() error {
	for _, m := range g.members {
		select {
		case <-m.ended:
			said, _ := os.ReadFile(m.log) // the error stands without it
			lines := strings.Split(strings.TrimSpace(string(said)), "\n")
			return fmt.Errorf("%s %w: %s", filepath.Base(m.command.Path), ErrEnded, lines[len(lines)-1])
		default:
		}
	}
	return nil
}

// stop ends all programs: by an interrupt, and if that does not do in five seconds, by force. How a program ends is not
// what is measured, so that only one that can't be ended is an error.
func (g *group) stop() (err error) {
	for _, m := range g.members {
		_ = m.command.Process.Signal(os.Interrupt) // it may have ended
	}
	for _, m := range g.members {
		select {
		case <-m.ended:
		case <-time.After(5 * time.Second):
			if killed := m.command.Process.Kill(); !errors.Is(killed, os.ErrProcessDone) {
				err = errors.Join(err, killed)
			}
			<-m.ended
		}
	}
	return err
}

// spent is processor time since some instant.
type spent struct{ programs, others time.Duration }

// spent returns what the programs have taken, and what everybody else has but this process.
func (g *group) spent() (s spent, err error) {
	if err := g.alive(); err != nil {
		return s, err
	}
	machine, err := busy()
	if err != nil {
		return s, err
	}
	own, err := taken("self")
	if err != nil {
		return s, err
	}
	for _, m := range g.members {
		t, err := taken(strconv.Itoa(m.command.Process.Pid))
		if err != nil {
			return s, err
		}
		s.programs += t
	}
	s.others = machine - own - s.programs
	return s, nil
}

// tick is the unit of Linux's accounts of processor time.
const tick = 10 * time.Millisecond

// taken returns the processor time of a process with all its threads: fields 14 and 15 of /proc/<pid>/stat.
func taken(pid string) (time.Duration, error) {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, err
	}
	behindName := string(data[strings.LastIndexByte(string(data), ')')+1:])
	return ticks(strings.Fields(behindName)[11:13])
}

// busy returns the processor time that the machine has spent on anything: user, nice, system, irq, softirq, and steal,
// which others on its host took.
func busy() (time.Duration, error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	f := strings.Fields(line)
	if len(f) < 9 || f[0] != "cpu" {
		return 0, fmt.Errorf("/proc/stat begins with %q", line)
	}
	return ticks([]string{f[1], f[2], f[3], f[6], f[7], f[8]})
}

func ticks(fields []string) (sum time.Duration, err error) {
	for _, f := range fields {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}
