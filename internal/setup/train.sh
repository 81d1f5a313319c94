#!/usr/bin/env bash
# Runs a part of models/train: train.sh PART DATA [ARGUMENT...], with PART family, publish, sign, ...
set -euo pipefail
start=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
part=$1 data=${2:+$(cd "$start" && realpath -m "$2")}
shift 2
[ -e "models/train/$part.py" ] || { echo "train: no part '$part'; there are: $(cd models/train && grep -l __main__ *.py | grep -v ^test_ | xargs -n1 basename -s .py | tr '\n' ' ')" >&2; exit 1; }
[ -d "$data" ] || { echo "train: no folder '$data' with the data: DATA= names it, models/train/README.md says how to rebuild it" >&2; exit 1; }
exec internal/setup/train_python.sh -m "train.$part" --data "$data" "$@"
