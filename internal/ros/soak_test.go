package ros

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rtmdl/internal/ros/msg"
)

var soakMessages = flag.Int("messages", 100_000, "how many messages TestAMillionMessagesLeaveNothingBehind sends; 10000000 takes some minutes")

// TestAMillionMessagesLeaveNothingBehind sends messages through DDS from one publisher to one subscription: all arrive once and in
// order, and memory is flat: that of the last quarter exceeds that of the second one by less than 2 % or 2 MB, so that 32 bytes
// a message would be seen. The first quarter is for pools that fill. In full, with the figures:
//
//	internal/setup/env.sh go test -v -run AMillion -timeout 60m ./internal/ros -messages 10000000
func TestAMillionMessagesLeaveNothingBehind(t *testing.T) {
	const window, samples = 500, 80 // messages under way at most; memory is looked at so often
	total := *soakMessages
	s := open(t)
	n := newNode(t, s, "soak", "")
	arrived := make(chan struct{}, window)
	expected, wrong := 0, 0 // both of the handler, until all have arrived
	_, err := n.Subscribe("numbers", msg.TypeString, QoS{Depth: 2 * window, Reliable: true}, func(m Message) {
		var text msg.String
		if err := text.UnmarshalCDR(m.Data); err != nil || text.Data != strconv.Itoa(expected) {
			wrong++
		}
		expected++
		arrived <- struct{}{}
	})
	if err != nil {
		t.Fatal(err)
	}
	pub := publisher(t, n, "numbers", msg.TypeString, QoS{Depth: 2 * window, Reliable: true})
	serve(t, s)
	eventually(t, "a match", func() bool { return pub.Subscribers() == 1 })
	time.Sleep(time.Second) // until the other side knows, too
	began, memory := time.Now(), make([]float64, 0, samples)
	for i := range total {
		if i >= window {
			wait(t, arrived, i)
		}
		if err := pub.Send(&msg.String{Data: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
		if (i+1)%(total/samples) == 0 {
			memory = append(memory, residentMB(t))
			if len(memory)%(samples/8) == 0 {
				t.Logf("%d messages, %.0f a second, %.1f MB resident, %d goroutines", i+1, float64(i+1)/time.Since(began).Seconds(),
					memory[len(memory)-1], runtime.NumGoroutine())
			}
		}
	}
	for range window {
		wait(t, arrived, total)
	}
	if wrong > 0 || expected != total {
		t.Errorf("%d of %d arrived, %d of them not in their place", expected, total, wrong)
	}
	early, late := middle(memory[samples/4:samples/2]), middle(memory[3*samples/4:])
	t.Logf("memory: %.2f MB in the second quarter, %.2f MB in the last", early, late)
	if late-early > max(2, 0.02*early) {
		t.Errorf("memory grows: %.1f MB in the second quarter, %.1f MB in the last", early, late)
	}
}

func wait(t *testing.T, arrived <-chan struct{}, sent int) {
	t.Helper()
	select {
	case <-arrived:
	case <-time.After(time.Minute):
		t.Fatalf("a message is lost: of %d that were sent, none has come for a minute", sent)
	}
}

func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// residentMB is the process's resident memory, the garbage apart.
func residentMB(t *testing.T) float64 {
	t.Helper()
	runtime.GC()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return float64(kb) / 1000
		}
	}
	t.Fatal("/proc/self/status does not say how much memory is resident")
	return 0
}
