package evaluate

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"rtmdl/internal/manifest"
	"rtmdl/internal/perception/accuracy"
)

func TestWhatIsMissingIsNamed(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for task, sample := range map[string]string{
		"traffic_light": "../perception/traffic_light/testdata", "sign": "../perception/sign/testdata",
	} {
		for _, test := range []struct {
			name string
			ctx  context.Context
			o    Options
			want error
			text string
		}{
			{"no data", t.Context(), Options{Data: "testdata/nothing", Models: "../../models"}, accuracy.ErrIndex, "testdata/nothing"},
			{"no such split", t.Context(), Options{Data: sample, Models: "../../models", Split: "exam"}, ErrData, "split 'exam'"},
			{"no network", t.Context(), Options{Data: sample, Models: "../../models", Variant: "w7"}, manifest.ErrUnknown, "has no \"w7\"; it has w100"},
			{"interrupted", stopped, Options{Data: sample, Models: "../../models", Split: "all"}, context.Canceled, ""},
		} {
			t.Run(task+", "+test.name, func(t *testing.T) {
				_, err := Tasks[task](test.ctx, test.o)
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
					t.Errorf("error %v", err)
				}
			})
		}
	}
}

func TestProgressIsTold(t *testing.T) {
	last, total := 0, 0
	o := Options{Data: "../perception/traffic_light/testdata", Models: "../../models", Progress: func(done, all int) { last, total = done, all }}
	figures, err := TrafficLight(t.Context(), o)
	if err != nil || last == 0 || last != total || figures[0].Count != total {
		t.Errorf("%d of %d, %v, %v", last, total, figures, err)
	}
}

func TestAFigureOfNothingIsNull(t *testing.T) {
	data, err := json.Marshal([]Figure{{"a", 0.5, 0.25, 1, 3}, {"b", math.NaN(), math.NaN(), math.NaN(), 0}})
	want := `[{"name":"a","value":0.5,"low":0.25,"high":1,"count":3},{"name":"b","value":null,"low":null,"high":null,"count":0}]`
	if err != nil || string(data) != want {
		t.Errorf("%s, %v", data, err)
	}
}
