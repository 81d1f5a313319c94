package ros

import (
	"fmt"

	"github.com/tiiuae/rclgo/pkg/rclgo"
)

// QoS is the part of a quality of service that rtmdl chooses; everything else is ROS's default.
type QoS struct {
	Depth     int  // messages kept for a slow reader, >= 1
	Reliable  bool // lost messages are sent again
	Transient bool // late subscribers get the last Depth messages
}

// SensorData returns the quality of service of camera topics: best effort, which matches every publisher.
// The depth covers a second of a 30 Hz camera: no frame is lost because the reader was held up for a moment. What
// is lost beyond that is lost in the middleware, and nobody can count it.
func SensorData() QoS { return QoS{Depth: 30} }

// Results returns the quality of service of everything that rtmdl publishes: reliable, the last 10 kept.
func Results() QoS { return QoS{Depth: 10, Reliable: true} }

func (q QoS) String() string {
	reliability, durability := "best_effort", "volatile"
	if q.Reliable {
		reliability = "reliable"
	}
	if q.Transient {
		durability = "transient_local"
	}
	return fmt.Sprintf("%s, %s, keep_last %d", reliability, durability, q.Depth)
}

func (q QoS) profile() rclgo.QosProfile {
	p := rclgo.NewDefaultQosProfile()
	p.Depth = max(q.Depth, 1)
	p.Reliability = rclgo.ReliabilityBestEffort
	if q.Reliable {
		p.Reliability = rclgo.ReliabilityReliable
	}
	if q.Transient {
		p.Durability = rclgo.DurabilityTransientLocal
	}
	return p
}

func fromProfile(p rclgo.QosProfile) QoS {
	return QoS{
		Depth:     p.Depth,
		Reliable:  p.Reliability == rclgo.ReliabilityReliable,
		Transient: p.Durability == rclgo.DurabilityTransientLocal,
	}
}
