#!/usr/bin/env bash
# Builds the executables into bin/, with the places of ROS 2 built in: they run from any shell. Quiet when quick.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
started=$SECONDS
[ -x bin/suite ] || echo "build: compiling (the first time this takes a minute or two)"
go build -ldflags "-X rtmdl/internal/ros.builtWith=$AMENT_PREFIX_PATH" -o bin/ ./nodes/... ||
  { echo "build: failed; the compiler's words are above. If a header or library is missing, remove .build and try again" >&2; exit 1; }
[ $((SECONDS - started)) -lt 3 ] || printf 'build: %-18s done in %d s\n' executables $((SECONDS - started))
