#!/bin/bash
# Builds the pjsua2 wheel from source with our patches, once per content: the last line on stdout is its absolute path.
set -euo pipefail
export LC_ALL=C

usage() {
    cat <<'END'
usage: build.sh [options]

Builds the pjsua2 wheel and prints its path as the last line. Nothing is done if the cache already holds it.

  --python PATH     Python the wheel is for (default /usr/bin/python3.11)
  --cache DIR       where wheels, source and objects are kept (default $XDG_CACHE_HOME/vaxel or ~/.cache/vaxel)
  --source TARBALL  a pjproject source tarball, instead of the one in Debian sid
  --refresh         look for a newer source in Debian sid, even if one was fetched before
  --without PATCH   leave one patch out, by number or name (repeatable)
  --key             print the content key instead of building
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
self=$here/$(basename "${BASH_SOURCE[0]}")
python=/usr/bin/python3.11
cache=${XDG_CACHE_HOME:-~/.cache}/vaxel
tarball='' refresh='' key_only='' without=()

die() { printf 'pjsua2: %s\n' "$*" >&2; exit 1; }

while (($#)); do
    case $1 in
        --python|--cache|--source|--without) (($# > 1)) || die "$1 needs a value" ;;&
        --python) python=$2; shift ;;
        --cache) cache=$2; shift ;;
        --source) tarball=$2; shift ;;
        --without) without+=("$2"); shift ;;
        --refresh) refresh=1 ;;
        --key) key_only=1 ;;
        -h|--help) usage; exit ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    shift
done

command -v "$python" >/dev/null || die "no Python at $python (name another with --python)"
[[ -z $tarball || -r $tarball ]] || die "cannot read $tarball"
mkdir -p "$cache/pjsua2"/{source,tree,wheels,log}
cache=$(cd "$cache/pjsua2" && pwd)

# ---------------------------------------------------------------------------------------------------------- patches
patches=()
for patch in "$here"/patches/*.patch; do
    name=$(basename "$patch" .patch)
    for unwanted in "${without[@]}"; do
        if [[ $unwanted == "${name%%-*}" || $unwanted == "$name" || $unwanted == "$name.patch" ]]; then
            continue 2
        fi
    done
    patches+=("$name")
done
all=("$here"/patches/*.patch)
((${#patches[@]} + ${#without[@]} == ${#all[@]})) || die "--without: no such patch among ${all[*]##*/}"

# --------------------------------------------------------------------------------------------------------- progress
start=$SECONDS step=0 steps=7 log=$cache/log/build-$$.log
progress() {
    step=$((step + 1))
    printf 'pjsua2: step %d of %d, %d:%02d  %s\n' \
        "$step" "$steps" "$(((SECONDS - start) / 60))" "$(((SECONDS - start) % 60))" "$*" >&2
    printf '\n==== %s\n' "$*" >>"$log"
}
failed() {
    if [[ -n ${tree:-} ]]; then rm -f "$tree/.building"; fi
    printf 'pjsua2: %s. The end of the log:\n' "$*" >&2
    { grep -nE '(error:|Error [0-9]|\*\*\*|undefined reference)' "$log" | tail -n 5; tail -n 25 "$log"; } |
        cut -c -200 | sed 's/^/    /' >&2
    printf 'pjsua2: the whole log: %s\n' "$log" >&2
    exit 1
}
run() { "$@" >>"$log" 2>&1; }

# ----------------------------------------------------------------------------------------------------------- source
# The mirrors that this machine takes its own release of Debian from, out of both kinds of apt source files.
mirrors() {
    local codename
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    {
        cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
            sed -nE 's/^deb(-src)?[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+)[[:space:]]+([^[:space:]]+)[[:space:]].*\bmain\b.*/\3 \4/p' || true
        cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '
            function flush(  n, list, i) {
                n = split(uris, list, /[ \t]+/)
                if (types ~ /deb/ && enabled !~ /no/ && components ~ /(^|[ \t])main([ \t]|$)/)
                    for (i = 1; i <= n; i++) if (list[i] != "") print list[i], suites
                uris = types = suites = components = enabled = field = ""
            }
            { sub(/\r$/, "") }
            /^[ \t]*#/ { next }
            /^[ \t]*$/ { flush(); next }
            /^[A-Za-z-]+:/ {
                field = tolower($0); sub(/:.*/, "", field)
                value = $0; sub(/^[^:]*:[ \t]*/, "", value)
            }
            /^[ \t]/ { value = " " $0 }
            {
                if (field == "uris") uris = uris value
                else if (field == "types") types = types value
                else if (field == "suites") suites = suites value
                else if (field == "components") components = components value
                else if (field == "enabled") enabled = enabled value
            }
            END { flush() }' || true
    } | awk -v codename="$codename" '{ for (i = 2; i <= NF; i++) if ($i == codename && !seen[$1]++) print $1 }'
}

# Fetches the signed pjproject component of Debian's source package asterisk. Only the source: its own apt
# folders and list, so that nothing of sid reaches the machine's package lists.
fetch() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg work uri options line file hash
    local advice='Fetch a pjproject tarball (2.17 or later) yourself and name it with --source.'
    [[ -r $keyring ]] || die "no $keyring to check Debian's signature with. $advice"
    work=$(mktemp -d "$cache/source/.fetch-XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    while read -r uri; do
        rm -rf "$work/apt"
        mkdir -p "$work"/apt/{lists,cache}/partial "$work/apt/cache/archives/partial"
        printf 'deb-src [signed-by=%s] %s sid main\n' "$keyring" "$uri" >"$work/apt/sid.list"
        options=(-o Dir::Etc::SourceList="$work/apt/sid.list" -o Dir::Etc::SourceParts=/dev/null
            -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
            -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache"
            -o Acquire::AllowInsecureRepositories=false -o Acquire::AllowDowngradeToInsecureRepositories=false
            -o APT::Get::AllowUnauthenticated=false -o APT::Default-Release= -o APT::Sandbox::User="$(id -un)")
        # A hook of the machine's own may fail for an ordinary user: what counts is a verified index, asked for next.
        run apt-get "${options[@]}" update || true
        line=$(apt-get "${options[@]}" source --print-uris asterisk 2>>"$log" |
            grep -E "^'.*\.orig-Xpjproject\.tar\.[a-z0-9]+' " | tail -n 1) || true
        [[ $line =~ ^\'([^\']+)\'\ ([^\ ]+)\ [0-9]+\ SHA256:([0-9a-f]{64})$ ]] || continue
        file=${BASH_REMATCH[2]} hash=${BASH_REMATCH[3]}
        run /usr/lib/apt/apt-helper "${options[@]}" download-file \
            "${BASH_REMATCH[1]}" "$work/$file" "SHA256:$hash" || continue
        echo "$hash  $work/$file" | run sha256sum --check || continue
        mv "$work/$file" "$cache/source/$file"
        printf '%s %s\n' "$hash" "$file" >"$work/debian"
        mv "$work/debian" "$cache/source/debian"
        rm -rf "$work"
        return
    done < <(mirrors)
    failed "Debian sid's source of asterisk cannot be had from this machine's mirror. $advice"
}

identify() {
    if [[ -n $tarball ]]; then
        source_file=$tarball
        source_hash=$(sha256sum <"$tarball")
        source_hash=${source_hash%% *}
    elif [[ -r $cache/source/debian ]]; then
        read -r source_hash source_file <"$cache/source/debian"
        source_file=$cache/source/$source_file
    else
        return 1
    fi
}

# --------------------------------------------------------------------------------------------------------- identity
digest() { local sum; sum=$(sha256sum); echo "${sum:0:${1:-64}}"; }
platform=$("$python" -c '
import sys, sysconfig
print(sys.implementation.cache_tag, sysconfig.get_platform(), sysconfig.get_config_var("EXT_SUFFIX"))')
platform+=" $(. /etc/os-release && echo "${ID:-} ${VERSION_ID:-}")"

make_key() {
    local name
    key=$({
        echo "$source_hash $platform"
        cat "$self" "$here/config_site.h"
        for name in "${patches[@]}"; do echo "$name"; cat "$here/patches/$name.patch"; done
    } | digest 32)
}

cached() { compgen -G "$cache/wheels/$key/*.whl" | head -n 1; }

if [[ -z $refresh ]] && identify; then
    make_key
    if [[ -n $key_only ]]; then echo "$key"; exit; fi
    if wheel=$(cached); then echo "$wheel"; exit; fi
fi

# ------------------------------------------------------------------------------------------------ one build at a time
exec 9>"$cache/lock"
if ! flock --nonblock 9; then
    echo 'pjsua2: waiting for another build to end' >&2
    flock 9
fi
: >"$log"

progress "source"
if [[ -n $refresh ]] || ! identify; then
    fetch
    identify
fi
make_key
if [[ -n $key_only ]]; then rm -f "$log"; echo "$key"; exit; fi
if wheel=$(cached); then rm -f "$log"; echo "$wheel"; exit; fi
[[ -r $source_file ]] || die "$source_file is gone; run again with --refresh"
[[ $(digest <"$source_file") == "$source_hash" ]] || die "$source_file is damaged; run again with --refresh"

missing=''
for tool in gcc g++ make patch swig; do command -v $tool >/dev/null || missing+=" $tool"; done
[[ -z $missing ]] || die "not installed:$missing (see deploy/apt/pjsua2-build.txt)"

# ----------------------------------------------------------------------------------------------------- patched source
configure=(--enable-epoll --disable-video --disable-sound --disable-upnp
    --with-external-srtp --with-external-speex --enable-speex-resample --disable-speex-codec --disable-speex-aec
    --disable-gsm-codec --disable-ilbc-codec --disable-g7221-codec --disable-opencore-amr
    --disable-libwebrtc --disable-libyuv)
cflags='-O2 -DNDEBUG -fPIC -g1'
tree=$cache/tree/$(echo "$source_hash $platform ${configure[*]} $cflags" | digest 16)
work=$(mktemp -d "$cache/tree/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT

progress "unpack and patch (${#patches[@]} patches)"
mkdir "$work/source"
run tar -xf "$source_file" -C "$work/source" --strip-components=1 || failed "$source_file cannot be unpacked"
version=$(sed -nE 's/^export PJ_VERSION_(MAJOR|MINOR)[[:space:]]*:=[[:space:]]*([0-9]+).*/\2/p' \
    "$work/source/version.mak" | paste -sd.) || true
[[ $version =~ ^[0-9]+\.[0-9]+$ ]] || die "$source_file does not look like pjproject"
[[ $(printf '%s\n' 2.17 "$version" | sort -V | head -n 1) == 2.17 ]] ||
    die "the source is pjproject $version, but 2.17 or later is needed: name a newer tarball with --source"
for name in "${patches[@]}"; do
    run patch --directory "$work/source" -p1 --batch --no-backup-if-mismatch <"$here/patches/$name.patch" ||
        failed "patch $name does not apply to pjproject $version"
done
cp "$here/config_site.h" "$work/source/pjlib/include/pj/config_site.h"
# Debian's component lacks these two (a sound driver of another system); empty ones do.
for name in c h; do touch -a "$work/source/pjmedia/src/pjmedia-audiodev/bdimad_dev.$name"; done

# The tree keeps its objects from build to build: only files that differ are replaced, so make rebuilds what depends
# on them. A build that was interrupted may leave half-written files, hence the mark.
if [[ -e $tree/.building ]]; then rm -rf "$tree"; fi
mkdir -p "$tree"
touch "$tree/.building"
run "$python" - "$work/source" "$tree" <<'END' || failed "the source tree cannot be brought up to date"
import filecmp
import os
import shutil
import sys

new, tree = sys.argv[1:]
listing = os.path.join(tree, ".sources")
files = {
    os.path.relpath(os.path.join(folder, name), new) for folder, _, names in os.walk(new) for name in names
}
if os.path.exists(listing):
    with open(listing, encoding="utf-8", errors="surrogateescape") as lines:
        for gone in set(lines.read().split("\n")) - files - {""}:
            print("gone:", gone)
            os.unlink(os.path.join(tree, gone))
for name in files:
    source, target = os.path.join(new, name), os.path.join(tree, name)
    if os.path.lexists(target) and filecmp.cmp(source, target, shallow=False):
        continue
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)
    shutil.copymode(source, target)
with open(listing, "w", encoding="utf-8", errors="surrogateescape") as lines:
    lines.write("\n".join(sorted(files)))
END

# -------------------------------------------------------------------------------------------------------------- build
jobs=$(nproc 2>/dev/null || echo 1)
progress "configure"
if [[ ! -e $tree/.configured ]]; then
    run env -C "$tree" CFLAGS="$cflags" CXXFLAGS="$cflags" LIBS=-lspeexdsp ./aconfigure "${configure[@]}" ||
        failed "configure failed"
    grep -q 'define PJMEDIA_HAS_OPUS_CODEC 1' "$tree/pjmedia/include/pjmedia-codec/config_auto.h" ||
        failed "configure did not find Opus (see deploy/apt/pjsua2-build.txt)"
    grep -q 'define PJ_HAS_SSL_SOCK 1' "$tree/pjlib/include/pj/compat/os_auto.h" ||
        failed "configure did not find OpenSSL (see deploy/apt/pjsua2-build.txt)"
    touch "$tree/.configured"
fi
if [[ ! -e $tree/.dependencies || -n $(find "$tree" -path "$tree/pjsip-apps" -prune -o \
        \( -name '*.[ch]' -o -name '*.[ch]pp' \) -newer "$tree/.dependencies" -print -quit) ]]; then
    progress "dependencies"
    printf '%s\n' "$tree"/{pjlib,pjlib-util,pjnath,third_party,pjmedia,pjsip}/build |
        run xargs -P "$jobs" -I '{}' make -C '{}' dep || failed "make dep failed"
    touch "$tree/.dependencies"
else
    progress "dependencies are up to date"
fi

progress "compile with $jobs jobs"
python_include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
[[ -r $python_include/Python.h ]] || die "no Python.h for $python (see deploy/apt/pjsua2-build.txt)"
suffix=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
includes=(-I../../../../{pjlib,pjlib-util,pjnath,pjmedia,pjsip}/include)
binding=$tree/pjsip-apps/src/swig/python
# -threads is what lets other threads run, and call back, while Python is in PJSIP.
mkdir -p "$binding/new"
run env -C "$binding" swig "${includes[@]}" -c++ -w312 -threads -python -outdir . -o new/pjsua2_wrap.cpp ../pjsua2.i ||
    failed "swig failed"
for name in pjsua2_wrap.cpp pjsua2_wrap.h; do
    cmp -s "$binding/new/$name" "$binding/$name" || cp "$binding/new/$name" "$binding/$name"
done
# The binding is glue: -O1 halves the time it takes to compile.
cat >"$binding/new/vaxel.mak" <<END
include ../../../../build.mak
all: libraries pjsua2_wrap.o
libraries:
	+\$(MAKE) -C ../../../.. lib
pjsua2_wrap.o: pjsua2_wrap.cpp vaxel.mak
	\$(PJ_CXX) -c \$(PJ_CXXFLAGS) -O1 -g0 -fno-strict-aliasing -MMD -MP -I$python_include -o \$@ \$<
link:
	\$(PJ_CXX) -shared -o _pjsua2$suffix pjsua2_wrap.o \$(PJ_LDXXFLAGS) \$(PJ_LDXXLIBS)
.PHONY: all libraries link
-include pjsua2_wrap.d
END
cmp -s "$binding/new/vaxel.mak" "$binding/vaxel.mak" || cp "$binding/new/vaxel.mak" "$binding/vaxel.mak"
run make -C "$binding" -f vaxel.mak -j"$jobs" all || failed "the compiler failed"
run make -C "$binding" -f vaxel.mak link || failed "the linker failed"

# -------------------------------------------------------------------------------------------------------------- wheel
progress "wheel"
mkdir -p "$work/wheel"
cp "$binding/pjsua2.py" "$binding/_pjsua2$suffix" "$tree/COPYING" "$work/wheel/"
printf '\nVAXEL_PATCHES = (%s)\n' "$(printf '"%s", ' "${patches[@]}")" >>"$work/wheel/pjsua2.py"
cat >"$work/wheel/setup.py" <<END
import shutil

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Prebuilt(build_ext):
    def build_extension(self, ext):
        shutil.copy(ext.sources[0], self.get_ext_fullpath(ext.name))


setup(
    name="pjsua2",
    version="$version+vaxel.${key:0:12}",
    description="PJSIP's Python binding, built from source with Vaxel's patches",
    url="https://www.pjsip.org",
    license="GPL-2.0-or-later",
    license_files=["COPYING"],
    py_modules=["pjsua2"],
    ext_modules=[Extension("_pjsua2", ["_pjsua2$suffix"])],
    cmdclass={"build_ext": Prebuilt},
)
END
run "$python" -m venv "$work/venv" || failed "no virtual environment could be made (python3.11-venv)"
run "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade setuptools ||
    failed "setuptools could not be installed"
run env -C "$work/wheel" "$work/venv/bin/python" setup.py --quiet bdist_wheel || failed "the wheel could not be made"

progress "try it"
run "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$work"/wheel/dist/*.whl ||
    failed "the wheel cannot be installed"
run "$work/venv/bin/python" -c "
import pjsua2
endpoint = pjsua2.Endpoint()
endpoint.libCreate()
print(endpoint.libVersion().full)
assert endpoint.libVersion().full.startswith('$version')
endpoint.libDestroy()" || failed "the wheel does not work"

mv "$work/wheel/dist" "$work/done"
rm -rf "${cache:?}/wheels/$key"
mv "$work/done" "$cache/wheels/$key"
rm -f "$tree/.building" "$log"
printf 'pjsua2: done in %d:%02d\n' "$(((SECONDS - start) / 60))" "$(((SECONDS - start) % 60))" >&2
cached
