#!/usr/bin/env bash
# All checks that run nothing. Each says its name first, so that a failure names its tool.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

check() {
    say "$*"
    "$@"
}

mapfile -t scripts < <(find deploy .ci -name '*.sh' -o -path .ci/run)
check ruff check --quiet .
check ruff format --check --quiet .
check mypy
check mypy deploy/image-check.py deploy/grafana/make_dashboards.py
check lint-imports --no-logo
check shellcheck --external-sources "${scripts[@]}"
