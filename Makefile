# rtmdl: `make demo` and `make test` do all the set-up that is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# ROS 2 and CMake can't work in a path with spaces: refuse early and by name.
ifneq ($(words $(CURDIR)),1)
$(error The path '$(CURDIR)' contains a space, and ROS 2 and CMake cannot work there; move the checkout)
endif

ENV    := internal/setup/env.sh
PYTHON := internal/setup/python.sh
TASK   ?=
DATA   ?=

.PHONY: help setup build demo test lint bench live-bench soak fault-test train publish quantise cards train-smoke generate clean
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: packages, ROS 2, interfaces, ONNX Runtime
	@internal/setup/setup.sh

build: setup ## build the executables into bin/
	@$(ENV) internal/setup/build.sh

demo: build ## play real pictures to the suite over ROS 2 and report (BAG=, IMAGE_TOPIC=, IMAGE_TRANSPORT=, RATE= choose others)
	@internal/demo/demo.sh

test: build ## run everything that CI runs
	@internal/setup/test.sh

lint: setup ## check formatting, vet, staticcheck, modules and generated code
	@$(ENV) internal/setup/lint.sh

bench: setup ## run the benchmarks, with allocations
	@$(ENV) go test -run '^$$' -bench . -benchmem ./...

live-bench: build ## compare the suite with plain nodes on real topics, half an hour (ARGS=--quick: a minute); to out/live-bench
	@[ -e out/live-bench/profile.yaml ] || { mkdir -p out/live-bench && bin/rtmdl profile --time 1m --accelerator-cores $$(seq -s, $$(($$(nproc) - 1)) -1 0) --out out/live-bench/profile.yaml; }
	@bin/rtmdl live-bench $(ARGS)

soak: build ## an hour of replay in a loop: is memory flat, is every frame accounted for (ARGS="--minutes 5"); to out/soak
	@internal/setup/python.sh internal/soak/soak.py $(ARGS)

fault-test: build ## abuse the suite in all ways there are, thrice (ARGS="--tries 1 -k hang"); the table goes to out/fault-test
	@$(PYTHON) nodes/faults/run.py $(ARGS)

train: ## train the families of networks, level by level: DATA=folder [TASK=lane]; goes on where it stopped
	@internal/setup/train.sh family "$(DATA)" $(if $(TASK),--task $(TASK)) $(ARGS)

publish: ## export what was trained to models/, measure it (test split too) and write the manifest: DATA=folder [TASK=lane]
	@internal/setup/train.sh publish "$(DATA)" $(if $(TASK),--task $(TASK)) $(ARGS)

quantise: ## add INT8 levels to what was published in models/, measure them (test split too): DATA=folder [TASK=lane]
	@internal/setup/train.sh quantise "$(DATA)" $(if $(TASK),--task $(TASK)) $(ARGS)

cards: ## write the model cards, models/README.md, from the manifest
	@internal/setup/train_python.sh -m train.cards

train-smoke: build ## some steps of each task's training, exported, loaded and run: DATA=folder
	@internal/setup/train_smoke.sh "$(DATA)"

generate: setup ## make the Go bindings of our messages anew
	@internal/setup/generate.sh

clean: ## remove what was built (bin, out, .build); .ros, the ROS 2 installation, stays
	@rm -rf bin out .build
