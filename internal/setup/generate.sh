#!/usr/bin/env bash
# Makes the Go bindings of our interfaces, msgs/*/msg/*.gen.go, from what set-up installed.
#   generate.sh           writes them
#   generate.sh --check   fails when the committed ones are not current
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
[ "${RTMDL_ENV:-}" ] || RTMDL_ENV=1 exec internal/setup/env.sh "$0" "$@"

out=$(mktemp -d "$root/.build/bindings.XXXXXX")
trap 'rm -rf "$out"' EXIT
roots=()
IFS=: read -ra prefixes <<<"$AMENT_PREFIX_PATH"
for p in "${prefixes[@]}"; do roots+=(--root-path "$p"); done
go tool rclgo-gen generate --ignore-ros-distro-mismatch "${roots[@]}" --dest-path "$out" \
  --message-module-prefix rtmdl/msgs --include-package-deps rtmdl --cgo-flags-path "" >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
# Keep ours and what they are made of; drop the folders of this machine, which `make` gives to cgo anyway.
find "$out" -name '*.gen.go' | grep -vE '/(rtmdl/msg/.*|std_msgs/msg/(Header|common)|builtin_interfaces/msg/(Time|common)|common)\.gen\.go$' | xargs rm -f
find "$out" -name 'common.gen.go' -exec sed -i -E '/^#cgo (LD|C)FLAGS: "-[IL]\//d' {} +
gofmt -w "$out"
rm -f "$out/log"

if [ "${1:-}" = --check ]; then
  for dir in "$out"/*/; do
    diff -r "$dir" "msgs/$(basename "$dir")" || { echo "generate: the bindings are not current; run 'make generate'" >&2; exit 1; }
  done
  echo "generate: the bindings are current"
else
  for dir in "$out"/*/; do
    rm -rf "msgs/$(basename "$dir")"
    mv "$dir" "msgs/$(basename "$dir")"
  done
fi
