#!/usr/bin/env bash
# Regenerates the lock files from pyproject.toml: exact versions with hashes, and no registry's address,
# so that a city's own mirror serves as well. Extra arguments go to pip-compile, e.g. --upgrade-package redis.
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian's interpreter decides, because some requirements depend on the exact Python version.
python=${PYTHON:-/usr/bin/python3.11}
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT

compile() { # OUTPUT INPUT [OPTION...]
    local output=$1 input=$2
    shift 2
    echo "lock: $output"
    CUSTOM_COMPILE_COMMAND="make lock" "$tools/bin/pip-compile" --quiet --strip-extras --allow-unsafe \
        --generate-hashes \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
        --output-file "$output" "$@" "$input"
    if grep --line-number --extended-regexp '://|^ *--[a-z-]*(index|host|links)' "$output"; then
        echo "lock: $output names an address (above); a lock file must not." >&2
        exit 1
    fi
}

"$python" -m venv "$tools"
"$tools/bin/pip" install --quiet --upgrade pip pip-tools
compile requirements.lock pyproject.toml --build-deps-for=editable "$@"
compile requirements-dev.lock pyproject.toml --build-deps-for=editable --extra dev --constraint requirements.lock "$@"
compile deploy/requirements-node.lock deploy/requirements-node.in "$@"
