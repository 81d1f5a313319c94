#!/usr/bin/env bash
# Trains a network: train.sh TASK DATA [ARGUMENT...]. Installs PyTorch where it is missing (Debian's packages).
# TRAIN_PYTHON names another interpreter, for instance one with a PyTorch that uses a GPU.
set -euo pipefail
start=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../../models"
task=$1 data=${2:+$(cd "$start" && realpath -m "$2")}
shift 2
python=${TRAIN_PYTHON:-/usr/bin/python3}
[ -e "train/$task.py" ] || { echo "train: no task '$task'; there are: $(grep -l __main__ train/*.py | grep -v /test_ | xargs -n1 basename -s .py | tr '\n' ' ')" >&2; exit 1; }
[ -d "$data" ] || { echo "train: no folder '$data' with the data: DATA= names it, models/train/README.md says how to rebuild it" >&2; exit 1; }
if ! "$python" -c 'import torch, numpy, PIL' 2>/dev/null; then
  packages="python3-torch python3-numpy python3-pil"
  run=""
  [ "$(id -u)" = 0 ] || run="sudo -n"
  if [ -n "${TRAIN_PYTHON:-}" ] || ! $run true 2>/dev/null || ! command -v apt-get >/dev/null; then
    echo "train: $python lacks torch, numpy or PIL; on Debian: sudo apt-get install --no-install-recommends $packages" >&2
    exit 1
  fi
  echo "train: installing $packages (once, 300 MB)"
  $run apt-get update -qq
  # shellcheck disable=SC2086 # the list is words
  DEBIAN_FRONTEND=noninteractive $run apt-get install -qq -y --no-install-recommends $packages >/dev/null
fi
exec "$python" -m "train.$task" --data "$data" "$@"
