#!/usr/bin/env bash
# Runs the training's Python in models/: train_python.sh -m unittest train.test_net. Installs what is missing: PyTorch
# (Debian's packages) and, in .build/train, onnx and ONNX Runtime. TRAIN_PYTHON names another interpreter that has them,
# for instance one with a PyTorch that uses a GPU.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=${TRAIN_PYTHON:-$PWD/.build/train/bin/python}
if ! "$python" -c 'import torch, numpy, PIL, yaml, onnx, onnxruntime' 2>/dev/null; then
  if [ -n "${TRAIN_PYTHON:-}" ]; then
    echo "train: $python lacks torch, numpy, PIL, yaml, onnx or onnxruntime" >&2
    exit 1
  fi
  if ! /usr/bin/python3 -c 'import torch, numpy, PIL, yaml, ensurepip' 2>/dev/null; then
    packages="python3-torch python3-numpy python3-pil python3-yaml python3-venv"
    run=""
    [ "$(id -u)" = 0 ] || run="sudo -n"
    if ! $run true 2>/dev/null || ! command -v apt-get >/dev/null; then
      echo "train: /usr/bin/python3 lacks torch, numpy, PIL, yaml or venv; on Debian: sudo apt-get install --no-install-recommends $packages" >&2
      exit 1
    fi
    echo "train: installing $packages (once, 300 MB)"
    $run apt-get update -qq
    # shellcheck disable=SC2086 # the list is words
    DEBIAN_FRONTEND=noninteractive $run apt-get install -qq -y --no-install-recommends $packages >/dev/null
  fi
  echo "train: installing onnx and onnxruntime into .build/train (once)"
  /usr/bin/python3 -m venv --system-site-packages .build/train
  .build/train/bin/python -m pip install --quiet "numpy<2" onnx==1.23.2 onnxruntime==1.24.4 # Debian's PyTorch is built for NumPy 1
fi
cd models
exec "$python" -W ignore "$@"
