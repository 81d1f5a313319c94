package task

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Marshal writes s as a file, every field of it. ParseSet makes the same set
// of it if s is valid.
func (s *Set) Marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "platform: {cpu_workers: %d, accelerator_slots: %d}\n",
		s.Platform.CPUWorkers, s.Platform.AcceleratorSlots)
	c := s.Constraints
	storage := ""
	if c.Storage != 0 {
		storage = fmt.Sprintf("storage_bytes: %d, ", c.Storage)
	}
	fmt.Fprintf(&b, "constraints: {%slate: %v, packing_bound: %v, packing_guard: %v}\n",
		storage, c.Late, c.PackingBound, c.PackingGuard)
	b.WriteString("tasks:\n")
	for i := range s.Tasks {
		s.Tasks[i].write(&b)
	}
	if len(s.Packing) > 0 {
		b.WriteString("packing:\n")
	}
	for _, p := range s.Packing {
		fmt.Fprintf(&b, "  - {a: %s, b: %s, slow_a: %v, slow_b: %v}\n",
			quote(s.VariantName(p.A)), quote(s.VariantName(p.B)), p.SlowA, p.SlowB)
	}
	return b.Bytes()
}

// WriteFile writes s to a file, which it makes or replaces.
func (s *Set) WriteFile(name string) error { return os.WriteFile(name, s.Marshal(), 0o644) }

func (t *Task) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "  - name: %s\n", quote(t.Name))
	fmt.Fprintf(b, "    period_ms: %s\n    deadline_ms: %s\n    offset_ms: %s\n    jitter_ms: %s\n",
		ms(t.Period), ms(t.Deadline), ms(t.Offset), ms(t.Jitter))
	fmt.Fprintf(b, "    max_miss_rate: %v\n    cv: %s\n    queue: %d\n    variants:\n",
		t.MaxMissRate, Rate(t.CV), t.Queue)
	for i := range t.Variants {
		v := &t.Variants[i]
		fmt.Fprintf(b, "      - {name: %s, accuracy: %v, storage_bytes: %d, pre_ms: %s, infer_ms: %s, post_ms: %s",
			quote(v.Name), v.Accuracy, v.Storage, ms(v.Pre), ms(v.Infer), ms(v.Post))
		if len(v.Shared) > 0 {
			parts := make([]string, len(v.Shared))
			for i, p := range v.Shared {
				parts[i] = fmt.Sprintf("%s: %d", quote(p.Name), p.Size)
			}
			fmt.Fprintf(b, ", shared_storage: {%s}", strings.Join(parts, ", "))
		}
		b.WriteString("}\n")
	}
}

func ms(d time.Duration) string { return formatMillionths(int64(d)) }

var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./-]*$`)

// quote writes a printable text as a YAML scalar.
func quote(s string) string {
	if plain.MatchString(s) && !strings.EqualFold(s, "null") {
		return s
	}
	return strconv.QuoteToASCII(s)
}
