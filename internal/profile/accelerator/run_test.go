package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/device"
)

const models = "../../../models"

func TestRunMeasuresTheLevelsThatItIsAskedFor(t *testing.T) {
	out := filepath.Join(t.TempDir(), "figures.json")
	err := run(t.Context(), []string{
		"--device", "cpu", "--library", os.Getenv("RTMDL_DEVICE_LIBRARY"), "--models", models, "--time", "0", "--out", out,
		"--levels", "^(traffic_light/w50s[89]|lane/w25d50s2)$",
	}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if r.Device != "cpu" || r.Rounds != 1 || r.Machine.ONNXRuntime == "" || r.Machine.Cores < 1 {
		t.Errorf("device %s, %d rounds, machine %+v", r.Device, r.Rounds, r.Machine)
	}
	if len(r.Levels) != 3 || len(r.Pairs) != 3 || len(r.Loads) != 3 || len(r.Stops) != 3 {
		t.Errorf("%d levels, %d pairs, %d loads, %d stops", len(r.Levels), len(r.Pairs), len(r.Loads), len(r.Stops))
	}
	for _, l := range r.Levels {
		if s := l.Stages["infer"]; len(l.Stages) != 1 || s.Count < 1 || s.Median <= 0 || s.P99 < s.Median {
			t.Errorf("%s/%s: %+v", l.Task, l.Name, l.Stages)
		}
	}
	for _, p := range r.Pairs {
		if p.SlowA <= 0 || p.SlowB <= 0 || p.Gain <= 0 || p.Count < 2 {
			t.Errorf("%+v", p)
		}
	}
	for name, l := range r.Loads {
		if !l.Whole || l.Milliseconds <= 0 {
			t.Errorf("%s: %+v", name, l)
		}
	}
	for name, s := range r.Stops {
		if s.Count+s.Done != 50 || s.Count > 0 && s.Most <= 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestItNeedsNeitherOpenCVNorROS(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "rtmdl/internal/device") {
		t.Fatalf("no list of packages: %s", out)
	}
	for _, heavy := range []string{"gocv", "rclgo", "rtmdl/internal/ros"} {
		if strings.Contains(string(out), heavy) {
			t.Errorf("it imports %s", heavy)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		is   error
		want string // in the error
	}{
		{"a device that there is not", []string{"--models", models, "--device", "tpu"}, device.ErrDevice, "tpu"},
		{"a folder without networks", []string{"--models", "none"}, nil, "manifest"},
		{"levels that there are not", []string{"--models", models, "--levels", "none"}, nil, "--levels none"},
		{"a pattern that is none", []string{"--levels", "("}, nil, "--levels"},
		{"a flag that there is not", []string{"--pictures"}, nil, "pictures"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout bytes.Buffer
			args := append([]string{"--library", os.Getenv("RTMDL_DEVICE_LIBRARY")}, c.args...)
			err := run(t.Context(), args, &stdout, io.Discard)
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v", err)
			}
			if stdout.Len() != 0 {
				t.Errorf("it wrote %s", stdout.String())
			}
		})
	}
}
