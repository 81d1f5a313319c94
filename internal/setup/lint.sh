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
echo "lint: all clean"
