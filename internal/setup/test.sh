#!/usr/bin/env bash
# Runs every test; the last line says whether all passed. Each part is timed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export ROS_DOMAIN_ID=$((1 + $$ % 100)) # this run's own, in case others run on this machine
part() { # part NAME COMMAND...
  local started=$SECONDS name=$1
  shift
  echo "== $name"
  "$@" || { echo "test: part '$name' failed: $*" >&2; exit 1; }
  echo "== $name: $((SECONDS - started)) s"
}
part "lint" internal/setup/env.sh internal/setup/lint.sh
part "go test" internal/setup/env.sh go test -race ./...
# Real DDS on a busy machine loses a message now and then: a test that fails runs once more, and the summary names it (-rR).
part "over DDS" internal/setup/python.sh -m pytest -q -rR --reruns 1 -p no:cacheprovider nodes
if /usr/bin/python3 -c 'import torch, PIL' 2>/dev/null; then
  part "training" internal/setup/train_python.sh -m unittest discover -q -s train -t .
  data=${DATA:-../shared/data}
  if [ -d "$data" ]; then
    part "some steps of training" internal/setup/train_smoke.sh "$data"
  else
    echo "== some steps of training: skipped, since there is no folder $data (DATA= names another)"
  fi
else
  echo "== training: skipped, since /usr/bin/python3 has no PyTorch ('make train' installs it)"
fi
echo "test: all parts passed in $SECONDS s"
