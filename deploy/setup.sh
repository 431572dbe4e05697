#!/usr/bin/env bash
# Sets Vaxel up on Debian 12, in steps that each know whether they are done; a second call costs a fraction of a second.
#
#   setup.sh run|test [-- CMD...]          everything that running, or testing, needs; then CMD
#
# and step by step, as the Dockerfile does:
#
#   setup.sh packages LIST...              Debian packages of deploy/apt/LIST.txt (root, or a user with sudo)
#   setup.sh venv | wheel | project        the virtual environment; pjsua2 in it; Vaxel in it
#   setup.sh afterfork                     a library that keeps Kamailio's TLS from crashing
#   setup.sh dependencies run|test         the locked Python packages
#   setup.sh pages                         the pages of desk/, built with Node.js
#   setup.sh python run|test [-- CMD...]   the last five, never as root; then CMD
#
# PJPROJECT=FILE builds pjsua2 from that pjproject tarball instead of Debian's source package.
# A step is done when the hash of all that it depends on lies in .venv/stamps; file times play no part.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

python=/usr/bin/python3.11 # Debian's own, whatever else is first in the path
pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input)

declare -A lists=(
    [run]='run pjsua2-run pjsua2-build'
    [test]='run pjsua2-run pjsua2-build test'
)
declare -A locks=(
    [run]=requirements.lock
    [test]=requirements-dev.lock
)

# --- Debian packages ---------------------------------------------------------------------------------------------------

missing_of() { # LIST...
    local list wanted
    for list; do
        [ -r "deploy/apt/$list.txt" ] || fail "setup.sh: there is no list deploy/apt/$list.txt."
    done
    wanted=$(cd deploy/apt && sed 's/#.*//' "${@/%/.txt}" | xargs -n1 | sort -u)
    # shellcheck disable=SC2086  # package names have no spaces; dpkg-query fails for the names it does not know
    comm -23 <(echo "$wanted") <(
        dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' $wanted 2> /dev/null |
            sed -n 's/^installed //p' | sort -u
    )
}

packages() { # LIST...
    local missing root=()
    command -v dpkg-query > /dev/null || fail 'This is not Debian. Use Debian 12, or the Dockerfile.'
    missing=$(missing_of "$@" | xargs)
    [ -n "$missing" ] || return 0
    grep -q '^VERSION_ID="12"' /etc/os-release || fail 'This is not Debian 12 (bookworm). Use it, or the Dockerfile.'
    if [ "$(id -u)" -ne 0 ]; then
        # Without a terminal nobody can type a password, so asking would only hang or confuse.
        if ! { command -v sudo && { [ -t 0 ] || sudo -n true; }; } > /dev/null 2>&1; then
            fail "Debian packages are missing and sudo is not available; ask for: apt-get install $missing"
        fi
        root=(sudo)
        sudo -v || fail "Debian packages are missing and sudo refused; ask for: apt-get install $missing"
    fi
    say "Installing Debian packages: $missing"
    # shellcheck disable=SC2086
    quietly "Could not install Debian packages. Is a Debian mirror reachable (apt-get update)? Wanted: $missing" \
        "${root[@]}" "$PWD/deploy/apt-install.sh" $missing
}

# --- the virtual environment -------------------------------------------------------------------------------------------

key_of() { # FILE...
    sha256sum -- "$@" < /dev/null | sha256sum | cut -d ' ' -f 1
}

is_done() { # STEP KEY
    [ -r ".venv/stamps/$1" ] && [ "$(< ".venv/stamps/$1")" = "$2" ]
}

mark_done() { # STEP KEY
    mkdir -p .venv/stamps
    echo "$2" > ".venv/stamps/$1"
}

venv() {
    local key
    [ -x "$python" ] || fail "$python is missing; run: apt-get install python3.11 python3.11-venv"
    [ -w . ] || fail "$PWD is not writable for $(id -un); clone Vaxel into a folder of yours."
    key="$("$python" --version) in $PWD" # its programs name their folder, so a moved one must be made anew
    is_done venv "$key" && return
    say 'Making the virtual environment .venv'
    rm -rf .venv
    quietly 'Could not make .venv; run: apt-get install python3.11-venv' "$python" -m venv .venv
    mark_done venv "$key"
}

wheel() {
    local key built source=()
    local -a recipe
    mapfile -d '' -t recipe < <(find deploy/pjsua2 -type f -print0 | sort -z)
    [ -z "${PJPROJECT:-}" ] || source=(--source "$PJPROJECT")
    [ -z "${PJPROJECT:-}" ] || [ -r "$PJPROJECT" ] || fail "PJPROJECT=$PJPROJECT cannot be read by $(id -un)."
    key=$(key_of "${recipe[@]}" ${PJPROJECT:+"$PJPROJECT"})
    is_done wheel "$key" && return
    say 'Building pjsua2, the SIP and media library (some minutes the first time, seconds after that)'
    built=$(deploy/pjsua2/build.sh --python "$python" "${source[@]}" < /dev/null | tail -n 1)
    quietly "Could not install $built into .venv." "${pip[@]}" install --no-index --no-deps --force-reinstall "$built"
    mark_done wheel "$key"
}

afterfork() {
    local key code=deploy/kamailio/afterfork.c library=.venv/lib/vaxel/afterfork.so
    key=$(key_of "$code")
    is_done afterfork "$key" && return
    mkdir -p "${library%/*}"
    quietly "Could not compile $code; run: apt-get install build-essential" \
        cc -O2 -Wall -Werror -shared -fPIC -o "$library" "$code"
    mark_done afterfork "$key"
}

dependencies() { # PROFILE
    local lock=${locks[$1]} key
    key=$(key_of requirements.lock "$lock")
    is_done "dependencies-$1" "$key" && return
    say "Installing Python packages from $lock"
    quietly 'Could not install Python packages. Is the index reachable? Mirrors and proxies: pip.conf, PIP_*, https_proxy.' \
        "${pip[@]}" install --require-hashes --requirement "$lock"
    mark_done "dependencies-$1" "$key"
}

pages() {
    deploy/pages.sh
}

project() {
    local key
    key=$(key_of pyproject.toml)
    is_done project "$key" && return
    say 'Installing Vaxel into .venv'
    quietly 'Could not install Vaxel into .venv; see above.' \
        "${pip[@]}" install --no-index --no-deps --no-build-isolation --editable .
    mark_done project "$key"
}

# --- all together ------------------------------------------------------------------------------------------------------

python_steps() { # PROFILE
    exec {lock}< . # two calls at once in one folder take turns
    flock "$lock"
    venv
    wheel
    afterfork
    dependencies "$1"
    pages
    project
    exec {lock}<&-
}

then_run() { # [-- CMD...]
    [ "${1:-}" = -- ] || return 0
    shift
    PATH=$PWD/.venv/bin:$PATH exec "$@"
}

case ${1:-} in
    run | test)
        # shellcheck disable=SC2086
        packages ${lists[$1]}
        exec deploy/as-user.sh deploy/setup.sh python "$@"
        ;;
    python)
        [ "$(id -u)" -ne 0 ] || fail 'setup.sh python: not as root; use setup.sh run or deploy/as-user.sh.'
        python_steps "$2"
        then_run "${@:3}"
        ;;
    packages | dependencies | venv | wheel | afterfork | pages | project) "$@" ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
