#!/usr/bin/env bash
# Runs a command with what set-up found out (include and library folders, the ROS prefix):
#   internal/setup/env.sh go test ./internal/ros
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ -e "$root/.build/env" ] || { echo "env: nothing is set up yet; run 'make setup' first" >&2; exit 1; }
while IFS= read -r line; do export "${line?}"; done <"$root/.build/env"
export FASTRTPS_DEFAULT_PROFILES_FILE=${FASTRTPS_DEFAULT_PROFILES_FILE:-$root/config/fastdds.xml}
export ROS_AUTOMATIC_DISCOVERY_RANGE=${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}
exec "$@"
