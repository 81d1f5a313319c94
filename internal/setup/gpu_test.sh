#!/usr/bin/env bash
# Tests and measures a GPU where there is neither Go nor ROS, from the root of a checkout: gpu_test.sh [FOLDER]. In .gpu it
# needs ort.tar.xz (ONNX Runtime's libraries, or ORT names a folder with them) and programs.tar.xz: docs/gpu.md. FOLDER
# (default out/gpu) gets cuda.json and log.txt. It goes on after a failure, ends after LIMIT seconds at most, and its exit
# status is the number of failures.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ -e models/manifest.yaml ] || cd .. # from .gpu or internal/setup
out=$(realpath -m "${1:-${OUT:-out/gpu}}")
mkdir -p "$out"
exec > >(tee "$out/log.txt") 2>&1
started=$SECONDS failures=0 all=${LIMIT:-105}
third=$((all / 3))
# part SECONDS NAME COMMAND...: a failure is counted and said.
part() {
  local limit=$1 name=$2 begun=$SECONDS rc left=$((all - SECONDS + started))
  shift 2
  [ "$limit" -lt "$left" ] || limit=$left
  if [ "$limit" -lt 1 ]; then
    failures=$((failures + 1))
    echo "== $name: NOT RUN, the time is up"
    return 1
  fi
  echo "== $name"
  timeout -k 3 "$limit" "$@"
  rc=$?
  if [ $rc = 0 ]; then
    echo "== $name: done in $((SECONDS - begun)) s"
  else
    failures=$((failures + 1))
    echo "== $name: FAILED with $rc (124: it took more than $limit s)"
  fi
  return $rc
}
echo "machine: $(uname -srm), $(nproc) cores, $(getconf GNU_LIBC_VERSION)"
timeout 20 nvidia-smi || echo "nvidia-smi: not here, or it failed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack() { part $third "unpack $1" python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' ".gpu/$1" "$work"; }
unpack programs.tar.xz
[ -n "${ORT:-}" ] || { ORT=$work; unpack ort.tar.xz; }
library=$(find "$ORT" -name 'libonnxruntime.so*' | sort | tail -1)
[ -n "$library" ] || { echo "there is no libonnxruntime.so in $ORT"; exit 1; }
[ -e "$work/libonnxruntime.so" ] || ln -s "$library" "$work/libonnxruntime.so" # the name that programs take by themselves
# CUDA's libraries inside Python's packages, whatever the packages' number, as far as there are any.
folders=$(python3 -c 'import sys; print("\n".join(p for p in sys.path if p))' |
  while read -r p; do find "$p"/nvidia "$p"/tensorrt* -name 'lib*.so*' -printf '%h\n' 2>/dev/null; done | sort -u | tr '\n' ':')
export LD_LIBRARY_PATH=$work:$folders${LD_LIBRARY_PATH:-}
echo "library: $library"
echo "libraries of CUDA in: $folders"
for provider in cuda tensorrt; do
  own=$(dirname "$library")/libonnxruntime_providers_$provider.so
  missing=$own
  [ ! -e "$own" ] || missing=$(ldd "$own" | grep 'not found')
  echo "missing for $provider: ${missing:-nothing}"
done
export RTMDL_DEVICE_LIBRARY=$library
# tests DEVICE PATTERN: they look for the networks from their package's folder.
tests() {
  RTMDL_DEVICES=$1 part $third "$1: tests" \
    bash -c 'cd internal/device && exec "$@"' - "$work/device.test" -test.v -test.timeout $((third - 3))s -test.run "$2"
}
tests cuda 'GPU|Probe|Open|Stopped|Conforms'
part "$all" "cuda: measure" "$work/accelerator" --device cuda --library "$library" --time "${TIME:-30s}" --out "$out/cuda.json"
case $missing in # what was missing for tensorrt, the last one above
  "") tests tensorrt GPU ;;
  *) echo "== tensorrt: its libraries are not here; that this is said by name is tested above" ;;
esac
echo "$failures parts failed, $((SECONDS - started)) s in all"
exit $failures
