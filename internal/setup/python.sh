#!/usr/bin/env bash
# Runs Python with rclpy and the project's messages: internal/setup/python.sh -m pytest nodes/suite
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ "${1:-}" = --inner ] || exec "$here/env.sh" "$here/python.sh" --inner "$@"
shift
export LD_LIBRARY_PATH=$ROS_LIBRARY_PATH${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
IFS=: read -ra prefixes <<<"$AMENT_PREFIX_PATH"
for prefix in "${prefixes[@]}"; do
  for dir in "$prefix"/lib/python3*/site-packages "$prefix"/local/lib/python3*/dist-packages; do
    [ ! -d "$dir" ] || PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}$dir
  done
done
export PYTHONPATH=${PYTHONPATH:-} _ROS_WHEELS_BOOTSTRAP_COMPLETE=1 PYTHONDONTWRITEBYTECODE=1
exec "$ROS_PYTHON" "$@"
