#!/usr/bin/env bash
# Prints what go needs to build against ROS 2 and OpenCV, a variable a line:
#   cgo.sh PKGCONFIG_FOLDER PREFIX...
# PREFIX are ROS prefixes, the last one winning. PKGCONFIG_FOLDER gets an opencv4.pc where there is none: Debian's
# module packages come without.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pc=$1
shift
# Every folder with libraries: linked by name, and found at run time through the executable's own search path
# (DT_RPATH, not RUNPATH: it also serves what the libraries themselves open).
cflags="" ldflags="" libs=""
for p in "$@"; do
  for d in "$p"/include "$p"/include/*/; do [ -d "$d" ] && cflags+=" -I${d%/}"; done
  for d in "$p/lib" "$p"/lib/python3*/site-packages/ros_*.libs; do
    [ -d "$d" ] || continue
    libs+=${libs:+:}$d
    ldflags+=" -L$d -Wl,-rpath=$d -Wl,-rpath-link=$d"
  done
done
if ! pkg-config --exists opencv4; then
  mkdir -p "$pc"
  { echo "Name: OpenCV"; echo "Description: the modules that gocv uses"; echo "Version: 4"
    echo "Cflags: -I/usr/include/opencv4"; printf 'Libs:'; sed 's/^/ -lopencv_/' "$here/opencv.txt" | tr -d '\n'; echo; } >"$pc/opencv4.pc"
fi
echo "ROS_LIBRARY_PATH=$libs"
echo "PKG_CONFIG_PATH=$pc${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
echo "CGO_CFLAGS=-O2$cflags -Wno-deprecated-declarations"
echo "CGO_LDFLAGS=-Wl,--disable-new-dtags$ldflags"
echo "CGO_LDFLAGS_ALLOW=-Wl,.*"
