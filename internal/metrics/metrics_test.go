package metrics

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func scrape(t *testing.T, s *Server) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + s.Address() + Path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s, error %v", answer.Status, err)
	}
	return string(text)
}

func TestEveryJobIsCountedOnce(t *testing.T) {
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // closed below
	s.Observe(&msg.JobTiming{Task: "sign", Variant: "w100", Outcome: msg.OutcomePublished, ReceivedNs: 1e9, PublishedNs: 1.05e9, InferStartedNs: 1e9, InferEndedNs: 1.02e9})
	s.Observe(&msg.JobTiming{Task: "sign", Outcome: msg.OutcomeExpired, Missed: true})
	text := scrape(t, s)
	for _, line := range []string{
		`rtmdl_jobs_total{outcome="published",task="sign",variant="w100"} 1`,
		`rtmdl_jobs_total{outcome="expired",task="sign",variant=""} 1`,
		`rtmdl_deadline_misses_total{task="sign"} 1`,
		`rtmdl_stage_seconds_sum{stage="infer",task="sign"} 0.02`,
		`rtmdl_stage_seconds_count{stage="total",task="sign"} 1`,
		"go_goroutines ", "process_resident_memory_bytes ", "process_open_fds ",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "192.168.1.4:9464", "robot:9464", "9464", "127.0.0.1:70000", "[::]:0"} {
		if s, err := Listen(address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", address, err)
			if err == nil {
				_ = s.Close()
			}
		}
	}
	s, err := Listen(":0")
	if err != nil || !strings.HasPrefix(s.Address(), "127.0.0.1:") {
		t.Fatalf("%v, error %v", s, err)
	}
	if _, err := Listen(s.Address()); !errors.Is(err, ErrAddress) {
		t.Errorf("a port that is taken: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
