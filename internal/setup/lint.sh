#!/usr/bin/env bash
# Formatting, vet, staticcheck, modules, generated code, and the tool's build without cgo. Says what to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fail() { echo "lint: $*" >&2; exit 1; }
unformatted=$(gofmt -l internal nodes scheduler config)
[ -z "$unformatted" ] || fail "not formatted (gofmt -w): $unformatted"
go vet ./...
go tool staticcheck ./...
go mod tidy -diff || fail "go.mod is not tidy (go mod tidy)"
internal/setup/generate.sh --check
for arch in amd64 arm64; do
  CGO_ENABLED=0 GOARCH=$arch go build -o /dev/null ./nodes/rtmdl || fail "rtmdl does not build without cgo for $arch"
done
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
results=(bench --json docs/results.json)
[ ! -e docs/live-bench.json ] || results+=(--live docs/live-bench.json)
CGO_ENABLED=0 go run ./nodes/rtmdl "${results[@]}" --report "$report/results.md" >/dev/null
diff -q "$report/results.md" docs/results.md >/dev/null ||
  fail "docs/results.md is not what the results in docs say (rtmdl ${results[*]} --report docs/results.md)"
echo "lint: all clean"
