#!/bin/bash
# Proves every patch: without it, its tests in tests/pjsua2 must fail; with all of them, all tests must succeed.
# Takes the options of build.sh (--python, --cache, --source). Builds what the cache lacks. `--only PATCH` (a number or
# name, repeatable) proves this one alone, without the run of all tests.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tests=$(cd "$here/../../tests/pjsua2" && pwd)
python=/usr/bin/python3.11
options=() only=()
while (($#)); do
    case $1 in
        --only) only+=("${2:?--only needs a patch}"); shift 2; continue ;;
        --python) python=${2:?--python needs a value} ;;
    esac
    options+=("$1")
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
    (cd "$work" && venv/bin/python -m pytest -c /dev/null --rootdir "$tests" --confcutdir "$tests" \
        -p no:cacheprovider -q -k "$2" "$tests" >"$log" 2>&1) || true
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

wanted() {
    local one
    for one in "${only[@]}"; do if [[ $one == "${1%%-*}" || $one == "$1" ]]; then return; fi; done
    ((${#only[@]} == 0))
}

proven=0
for patch in "$here"/patches/*.patch; do
    name=$(basename "$patch" .patch)
    wanted "$name" || continue
    proven=$((proven + 1))
    wheel=$("$here/build.sh" "${options[@]}" --without "$name" | tail -n 1)
    outcome=$(try "$wheel" "test_${name%%-*}_")
    good=no
    if [[ ${outcome%%$'\n'*} == *' failed'* && ${outcome%%$'\n'*} != *passed* ]]; then good=yes; fi
    report "without $name" "$outcome" "$good"
done

if ((proven == 0)); then echo "no such patch: ${only[*]}" >&2; exit 2; fi
if ((${#only[@]})); then exit $((failures > 0)); fi

wheel=$("$here/build.sh" "${options[@]}" | tail -n 1)
outcome=$(try "$wheel" test_)
good=no
if [[ $outcome == *' passed'* && $outcome != *failed* && $outcome != *skipped* ]]; then good=yes; fi
report 'all patches' "$outcome" "$good"
exit $((failures > 0))
