# rtmdl: `make demo` and `make test` do all the set-up that is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Words, not paths with spaces, are what make and CMake work with: refuse early and by name.
ifneq ($(words $(CURDIR)),1)
$(error The path '$(CURDIR)' contains a space, and ROS 2 and CMake cannot work there. Move the checkout)
endif

ENV    := internal/setup/env.sh
PYTHON := internal/setup/python.sh

.PHONY: help setup build test
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: packages, ROS 2, interfaces, ONNX Runtime
	@internal/setup/setup.sh

build: setup ## build the executables into bin/
	@$(ENV) go build -o bin/ ./nodes/...

test: build ## run all tests
	@internal/setup/test.sh
