#!/usr/bin/env bash
# Builds the executables inside of a colcon build; CMakeLists.txt calls it:
#   colcon.sh BUILD_FOLDER INSTALL_PREFIX ONNXRUNTIME_LIBRARY
# BUILD_FOLDER has our interfaces already, AMENT_PREFIX_PATH the ROS installation; the executables go to
# BUILD_FOLDER/bin. They find our interfaces beside them, where they will be installed, and all else by its path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1 prefix=$2 onnxruntime=$3
IFS=: read -ra prefixes <<<"${AMENT_PREFIX_PATH:?is not set: source the setup file of a ROS 2 installation first}"
cgo=$(internal/setup/cgo.sh "$build/pkgconfig" "${prefixes[@]}")
while IFS= read -r line; do export "${line?}"; done <<<"$cgo"
export CGO_CFLAGS="$CGO_CFLAGS -I$build/rosidl_generator_c"
export CGO_LDFLAGS="$CGO_LDFLAGS -L$build -Wl,-rpath-link=$build -Wl,-rpath=\$ORIGIN/.."
[ ! -f "$onnxruntime" ] || CGO_LDFLAGS+=" -Wl,-rpath=$(dirname "$onnxruntime")"
go build -buildvcs=false -ldflags "-X rtmdl/internal/ros.builtWith=$prefix:$AMENT_PREFIX_PATH" -o "$build/bin/" ./nodes/...
