#!/usr/bin/env bash
# The files of the checkout, each ended by a NUL byte, sorted: what git tracks and what it would if asked; where there
# is no git, everything but what is made here.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

git=(git -c safe.directory='*' ls-files -z) # root may look into a checkout of anybody's
if "${git[@]}" > /dev/null 2>&1; then
    comm -z -23 <("${git[@]}" --cached --others --exclude-standard --deduplicate | grep -zv '/$' | sort -z) \
        <("${git[@]}" --deleted | sort -z)
else
    find . \( -name .venv -o -name __pycache__ -o -name node_modules -o -path ./data \) -prune -o ! -type d -print0 |
        sed -z 's|^\./||' | sort -z
fi
