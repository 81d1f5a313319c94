#!/usr/bin/env bash
# Plays a bag to the suite over real topics, records what comes back and reports on it, all on this machine.
#   BAG              MCAP bag to play                 (default: the project's own)
#   IMAGE_TOPIC      camera topic in it               (default: camera/image_raw)
#   IMAGE_TRANSPORT  raw or compressed                (default: compressed for the project's bag, else raw)
#   RATE             speed of playing, 1 being that of the recording
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bag=${BAG:-internal/demo/demo.mcap}
topic=${IMAGE_TOPIC:-camera/image_raw}
transport=${IMAGE_TRANSPORT:-$([ -n "${BAG:-}" ] && echo raw || echo compressed)}
camera=/${topic#/}
[ "$transport" != compressed ] || camera+=/compressed
out=out/demo
fail() { echo "demo: $*" >&2; exit 1; }
[ -e "$bag" ] || fail "no bag '$bag' (BAG= names it)"
case $(realpath "$bag") in "$(realpath -m "$out")"*) fail "BAG lies in $out, which this run replaces: move it elsewhere first" ;; esac
rm -rf "$out"
mkdir -p "$out"

export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST ROS_DOMAIN_ID=$((1 + $$ % 100)) # nobody else's topics
pids=()
stop() { # end what was started, the newest first, each with the time that it needs
  local i
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -INT "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" || true
  done
  pids=()
}
trap stop EXIT

echo "demo: playing $bag to the suite; it begins in 5 s, when all have found each other (log: $out/suite.log)"
bin/rtmdl record --quiet -o "$out/detections.mcap" "$camera" /traffic_light/detections /traffic_light/state \
  /sign/detections /lane/lines /scheduler/job_timing /scheduler/status 2>"$out/record.log" &
pids+=($!)
bin/suite --ros-args -p image_topic:="$topic" -p image_transport:="$transport" >"$out/suite.log" 2>&1 &
pids+=($!)
for ((i = 0; i < 100; i++)); do # until it is ready, or has ended with an error
  if grep -q ready "$out/suite.log" || ! kill -0 "${pids[1]}" 2>/dev/null; then break; fi
  sleep 0.1
done
kill -0 "${pids[1]}" 2>/dev/null || fail "the suite did not start: $(tail -n 3 "$out/suite.log")"
bin/rtmdl replay "$bag" --topics "$camera" --subscribers 2 --wait 20s --settle 4s --restamp --rate "${RATE:-1}"
for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || fail "the recorder or the suite has ended on its own: see $out/*.log"; done
stop
grep -iE 'lost|warning' "$out/record.log" || true
bin/rtmdl report "$out/detections.mcap" --out "$out"
