#!/usr/bin/env bash
# Tries the training: some steps of the largest and the smallest level of each task, exported to out/smoke, then read and
# run by Go on the val split: train_smoke.sh DATA. How good they are is not looked at.
set -euo pipefail
start=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
data=${1:+$(cd "$start" && realpath -m "$1")}
rm -rf out/smoke
for part in family publish quantise; do
  more="" threads="--threads 1"
  [ "$part" = family ] || { more="--models out/smoke/models" threads=""; }
  # shellcheck disable=SC2086 # two words or none
  internal/setup/train.sh "$part" "$data" --smoke $threads --work "$PWD/out/smoke/work" ${more/out/$PWD/out}
done
for file in out/smoke/models/*/w*.onnx; do
  task=$(basename "$(dirname "$file")") level=$(basename "$file" .onnx)
  echo "run by Go: $task $level"
  bin/rtmdl evaluate --task "$task" --variant "$level" --models out/smoke/models --data "$data" --split val --quiet >/dev/null
done
# Not the signs: an untrained detector finds places that are all as good, and their order hangs on the last bit.
for task in traffic_light lane; do
  internal/setup/train.sh reference "$data" --smoke --task "$task" --images 5 --work "$PWD/out/smoke/work" --out "$PWD/out/smoke/reference"
done
RTMDL_REFERENCE=$PWD/out/smoke/reference RTMDL_MODELS=$PWD/out/smoke/models \
  internal/setup/env.sh go test -count=1 -run AgainstPyTorch ./internal/device
