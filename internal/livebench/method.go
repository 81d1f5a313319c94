package livebench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Method is a way to run all tasks.
type Method struct {
	Name     string
	Title    string   // for people
	Settings []string // of which the best counts at each rate; one empty: it has none
	// Programs are what is started for a run, arguments behind a path from the project's folder. The camera is
	// camera/image_raw/compressed, the period (> 0) the deadline in ms.
	Programs func(tasks []string, settings string, periodMs float64) [][]string
	// Variant is what all tasks run where no job timing tells; empty: those of the method tell.
	Variant string
}

// largest is the largest variant of every task.
const largest = "w100"

// Methods are all there are, the plain ones first.
var Methods = []Method{
	{"plain_rclpy", "three plain nodes, rclpy", threads, plain("internal/setup/python.sh", "nodes/plain_rclpy/plain_rclpy.py"), largest},
	{"plain_rclgo", "three plain nodes, rclgo", threads, plain("bin/plain_rclgo"), largest},
	{"split", "ours, separate queues only", []string{""}, suite("variant:=" + largest), largest},
	{"full", "ours, everything", []string{""}, full, ""},
}

// Profile is where the method full has the levels' times from, from the project's folder; without the file they are
// timed at each start.
const Profile = "out/live-bench/profile.yaml"

// allCores lists the machine's cores, the last one first.
func allCores() string {
	var all []string
	for i := runtime.NumCPU() - 1; i >= 0; i-- {
		all = append(all, strconv.Itoa(i))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// threads are the settings of plain nodes: flags of theirs.
var threads = []string{
	"--threads 1 --spinning off", "--threads 1 --spinning on", "--threads 0 --spinning off", "--threads 0 --spinning on",
}

// plain starts a node for each task.
func plain(command ...string) func(tasks []string, settings string, periodMs float64) [][]string {
	return func(tasks []string, settings string, _ float64) (all [][]string) {
		for _, t := range tasks {
			all = append(all, append(append(append([]string{}, command...), "--task", t), strings.Fields(settings)...))
		}
		return all
	}
}

// full starts the suite with a plan for cameras of the rate that will come, with inference on all cores: those that play
// the accelerator, the last one first, share the first one with the CPU stages.
func full(tasks []string, settings string, periodMs float64) [][]string {
	parameters := []string{"scheduler:plan:=auto", "scheduler:accelerator_cores:=" + allCores()}
	for _, t := range tasks {
		parameters = append(parameters, fmt.Sprintf("scheduler:%s.rate_hz:=%.3f", t, 1000/periodMs))
	}
	if _, err := os.Stat(Profile); err == nil {
		parameters = append(parameters, "scheduler:profile:="+Profile)
	}
	return suite(parameters...)(tasks, settings, periodMs)
}

// suite starts the suite with parameters, besides those that every run needs.
func suite(parameters ...string) func(tasks []string, settings string, periodMs float64) [][]string {
	return func(tasks []string, _ string, periodMs float64) [][]string {
		words := []string{"bin/suite", "--ros-args", "-p", "image_transport:=compressed"}
		for _, t := range tasks {
			words = append(words, "-p", fmt.Sprintf("%s:deadline_ms:=%.3f", t, periodMs))
		}
		for _, p := range parameters {
			words = append(words, "-p", p)
		}
		return [][]string{words}
	}
}
