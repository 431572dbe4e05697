#!/bin/bash
# Proves every patch: without it, its tests in tests/pjsua2 must fail; with all of them, all tests must succeed.
# Takes the options of build.sh (--python, --cache, --source). Builds what the cache lacks.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tests=$(cd "$here/../../tests/pjsua2" && pwd)
python=/usr/bin/python3.11
options=("$@")
while (($#)); do
    if [[ $1 == --python ]]; then python=$2; fi
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check pytest 2>"$log"

# try WHEEL TESTS: the last line of pytest's report
try() {
    "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$1" 2>"$log"
    (cd "$work" && venv/bin/python -m pytest -c /dev/null --rootdir "$tests" -p no:cacheprovider -q -k "$2" \
        "$tests" >"$log" 2>&1) || true
    tail -n 1 "$log"
    # and how each failing test ended
    sed -nE 's/^E +(Fatal Python error: .*|[A-Za-z_0-9.]*(Error|Exception)\b.*|terminate called .*)$/\1/p' "$log" |
        cut -c -100 | sed -n '/ ended with /!s/^/      /p'
}

failures=0
report() { # NAME OUTCOME GOOD
    printf '%-28s %-4s %s\n' "$1" "$([[ $3 == yes ]] && echo ok || echo BAD)" "$2"
    if [[ $3 != yes ]]; then failures=$((failures + 1)); tail -n 40 "$log" >&2; fi
}

for patch in "$here"/patches/*.patch; do
    name=$(basename "$patch" .patch)
    wheel=$("$here/build.sh" "${options[@]}" --without "$name" | tail -n 1)
    outcome=$(try "$wheel" "test_${name%%-*}_")
    good=no
    if [[ ${outcome%%$'\n'*} == *' failed'* && ${outcome%%$'\n'*} != *passed* ]]; then good=yes; fi
    report "without $name" "$outcome" "$good"
done

wheel=$("$here/build.sh" "${options[@]}" | tail -n 1)
outcome=$(try "$wheel" test_)
good=no
if [[ $outcome == *' passed'* && $outcome != *failed* && $outcome != *skipped* ]]; then good=yes; fi
report 'all patches' "$outcome" "$good"
exit $((failures > 0))
