// Package metrics shows the scheduler's counts and times, and what its process uses, to Prometheus.
//
// Labels are task, variant and outcome alone, of which there are few. The server listens on loopback only: it asks nobody
// who they are.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rtmdl/internal/ros/msg"
)

// ErrAddress is returned for an address that can't be listened on, or must not be.
var ErrAddress = errors.New("metrics address")

// Path is where the metrics are.
const Path = "/metrics"

// closeWithin bounds how long a scrape that is under way delays the end.
const closeWithin = time.Second

// Server serves the metrics. Observe is safe for concurrent use.
type Server struct {
	http    http.Server
	address string
	serving sync.WaitGroup

	jobs    *prometheus.CounterVec
	missed  *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

// Listen begins to serve at an address such as 127.0.0.1:9464; without a host it is that of loopback, port 0 any free
// port. The error wraps ErrAddress.
func Listen(address string) (*Server, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; write host:port, such as 127.0.0.1:9464", ErrAddress, err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%w: %s is not loopback; use 127.0.0.1 and let a proxy of yours pass it on", ErrAddress, host)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("%w: %w; choose another port", ErrAddress, err)
	}
	s := &Server{
		address: listener.Addr().String(),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rtmdl_jobs_total", Help: "Frames of a task by what became of them; variant is empty where no inference started.",
		}, []string{"task", "variant", "outcome"}),
		missed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rtmdl_deadline_misses_total", Help: "Frames of a task that were not published within their deadline.",
		}, []string{"task"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rtmdl_stage_seconds", Help: "Time of published frames in each stage; waiting: for a unit; total: from receipt to publishing.",
			Buckets: prometheus.ExponentialBucketsRange(0.0005, 1, 16),
		}, []string{"task", "stage"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.jobs, s.missed, s.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle(Path, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s.http = http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	s.serving.Go(func() { _ = s.http.Serve(listener) }) // http.ErrServerClosed, or the listener's own: nothing to be done about it
	return s, nil
}

// Address is where the server listens, host:port.
func (s *Server) Address() string { return s.address }

// Observe counts a job that has ended. It does not block.
func (s *Server) Observe(t *msg.JobTiming) {
	s.jobs.WithLabelValues(t.Task, t.Variant, t.Outcome.String()).Inc()
	if t.Missed {
		s.missed.WithLabelValues(t.Task).Inc()
	}
	if t.Outcome != msg.OutcomePublished {
		return
	}
	for _, stage := range []struct {
		name string
		ns   int64
	}{
		{"pre", t.PreEndedNs - t.PreStartedNs},
		{"infer", t.InferEndedNs - t.InferStartedNs},
		{"post", t.PostEndedNs - t.PostStartedNs},
		{"waiting", t.BlockedNs},
		{"total", t.PublishedNs - t.ReceivedNs},
	} {
		s.seconds.WithLabelValues(t.Task, stage.name).Observe(time.Duration(stage.ns).Seconds())
	}
}

// Close ends the server and waits for it; a scrape that is under way has a second. It may be called twice.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	s.serving.Wait()
	return err
}
