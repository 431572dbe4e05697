#!/usr/bin/env bash
# pages.sh: builds the pages of desk/ into desk/dist, once per content; the last build of each content is kept in
# ~/.cache/vaxel/pages. Node.js is needed for that alone: the system's where Vite takes it, else one from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

cache=${XDG_CACHE_HOME:-~/.cache}/vaxel
node_lock=deploy/requirements-node.lock

# Vite 8: Node.js 20.19 or later of 20, or 22.12 and later.
node_will_do() {
    # shellcheck disable=SC2016
    command -v npm > /dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1);
    ' 2> /dev/null
}

ensure_node() {
    node_will_do && return
    local home
    home=$cache/node/$(sha256sum "$node_lock" | cut -c 1-12)
    if [ ! -e "$home/.done" ]; then
        say 'Fetching Node.js, to build the pages with'
        rm -rf "$home"
        quietly 'Could not make a virtual environment; run: apt-get install python3.11-venv' \
            /usr/bin/python3.11 -m venv "$home"
        quietly 'Could not fetch Node.js from the Python index; or install Node.js 22 or later yourself.' \
            "$home/bin/python" -m pip --disable-pip-version-check install --require-hashes --requirement "$node_lock"
        touch "$home/.done"
    fi
    PATH=$home/bin:$PATH
}

sources() {
    find desk -path desk/node_modules -prune -o -path desk/dist -prune -o -type f -print0 | LC_ALL=C sort -z
}

key() {
    local -a files
    mapfile -d '' -t files < <(sources)
    sha256sum -- "${files[@]}" | sha256sum | cut -c 1-16
}

build() { # TARGET
    local work
    work=$(mktemp -d "$cache/pages/.build-XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    sources | tar --create --null --files-from - | tar --extract --directory "$work"
    cd "$work/desk"
    quietly 'Could not fetch what the pages are built with. Is the npm registry reachable? Proxies: .npmrc, https_proxy.' \
        npm ci --ignore-scripts --no-audit --no-fund
    quietly 'The pages could not be built; see above.' npm run build
    gzip --keep --no-name --best dist/assets/*.js dist/assets/*.css # browsers take these; without a time: the same each time
    cp node_modules/axe-core/axe.min.js dist/.axe.js # for the tests; not served
    cd "$OLDPWD"
    rm -rf "$1"
    mv "$work/desk/dist" "$1"
}

mkdir -p "$cache/pages"
wanted=$(key)
kept=$cache/pages/$wanted
[ -e "desk/dist/.$wanted" ] && exit
exec {lock}< "$cache/pages"
flock "$lock"
if [ ! -d "$kept" ]; then
    ensure_node
    say 'Building the pages'
    (build "$kept")
    # Those of the last twenty contents are kept.
    find "$cache/pages" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +21 | cut -d ' ' -f 2- |
        xargs -r rm -rf
fi
rm -rf desk/dist
cp -r "$kept" desk/dist
touch "desk/dist/.$wanted"
