#!/usr/bin/env bash
# Runs Python with rclpy and the project's messages: internal/setup/python.sh -m pytest nodes/suite
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ "${1:-}" = --inner ] || exec "$here/env.sh" "$here/python.sh" --inner "$@"
shift
root=$(cd "$here/../.." && pwd)
export LD_LIBRARY_PATH=$ROS_LIBRARY_PATH${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
for dir in "$root"/.build/prefix/lib/python3*/site-packages "$root"/.build/prefix/local/lib/python3*/dist-packages; do
  [ ! -d "$dir" ] || PYTHONPATH=$dir${PYTHONPATH:+:$PYTHONPATH}
done
export PYTHONPATH=${PYTHONPATH:-} _ROS_WHEELS_BOOTSTRAP_COMPLETE=1 PYTHONDONTWRITEBYTECODE=1
exec "$ROS_PYTHON" "$@"
