#!/usr/bin/env bash
# as-user.sh CMD...: runs CMD in the checkout, never as root.
#
# An ordinary user's CMD runs as it is, in place. Root's CMD runs as the system user `vaxel`, which is made here if need
# be, in a mirror of the checkout under that user's home, because root's checkout often lies where nobody else may look.
# The mirror follows the checkout at each call, deletions too, but what is built there (.venv, caches, data) stays.
# BRING="FILE..." copies these files, which CMD wrote in the mirror, back into the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

user=vaxel
checkout=$(pwd -P)

# Everything below that touches the user's folders runs as the user: root never writes where another may plant a link.
drop_root=(setpriv --reuid "$user" --regid "$user" --init-groups env)
as_user() {
    "${drop_root[@]}" --chdir=/ "$@"
}

ensure_user() {
    id "$user" > /dev/null 2>&1 && return
    say "Making the system user $user, home /var/lib/$user"
    useradd --system --user-group --home-dir "/var/lib/$user" --shell /usr/sbin/nologin "$user"
    install -d -o "$user" -g "$user" -m 0750 "/var/lib/$user"
}

# Takes the list of files on standard input, removes from the mirror what was in the last list but is not in this one.
remove_strays() { # MIRROR SOURCE
    mkdir -p "$1"
    cd "$1"
    echo "$2" > .mirror-of
    touch .mirror-files
    cat > .mirror-files.new
    comm -z -13 .mirror-files.new .mirror-files | while IFS= read -r -d '' file; do
        rm -f "$file"
        rmdir --parents --ignore-fail-on-non-empty "$(dirname "$file")" 2> /dev/null || true
    done
    mv .mirror-files.new .mirror-files
}

# A mirror whose checkout is gone is only waste, unless somebody's data lie in it.
remove_orphans() { # MIRROR...
    local mirror
    for mirror; do
        if [ -r "$mirror/.mirror-of" ] && [ ! -e "$(< "$mirror/.mirror-of")" ] && [ ! -e "$mirror/data" ]; then
            say "Removing $mirror: its checkout is gone"
            as_user rm -rf "$mirror"
        fi
    done
}

copy_checkout() { # MIRROR
    local list
    list=$(mktemp)
    deploy/list-files.sh > "$list"
    as_user bash -c "set -euo pipefail; $(declare -f remove_strays); remove_strays \"\$@\"" - "$1" "$checkout" < "$list"
    tar --create --no-recursion --null --files-from "$list" |
        as_user tar --extract --no-same-owner --directory "$1"
    rm -f "$list"
}

# Mirrors of the package registries, proxies and their certificates are the machine's business: what root has set for
# pip and npm is handed on at each call.
hand_over() { # FROM TO
    [ -r "$1" ] || return 0
    cmp --silent "$1" "$2" && return
    # shellcheck disable=SC2016  # $1 is the inner shell's
    as_user sh -c 'umask 077; mkdir -p "$(dirname "$1")"; cat > "$1"' - "$2" < "$1"
}

kept_environment() {
    local pair
    while IFS= read -r -d '' pair; do
        case ${pair%%=*} in
            PIP_CONFIG_FILE | PIP_CACHE_DIR) ;; # root's own places
            TERM | LANG | LANGUAGE | LC_* | TZ | COLUMNS | CI | NO_COLOR | FORCE_COLOR | PJPROJECT | VAXEL_* | \
                PIP_* | [Nn][Pp][Mm]_[Cc][Oo][Nn][Ff][Ii][Gg]_* | *_proxy | *_PROXY | *_CA_BUNDLE | *_CA_CERTS | \
                SSL_CERT_* | SOURCE_DATE_EPOCH | PYTEST_ADDOPTS)
                printf '%s\0' "$pair"
                ;;
        esac
    done < <(env -0)
}

main() {
    local home mirror file command
    if [ "$(id -u)" -ne 0 ]; then
        PATH=$checkout/.venv/bin:$PATH exec "$@"
    fi

    umask 022
    ensure_user
    home=$(getent passwd "$user" | cut -d : -f 6)
    mirror=$home/checkouts/$(sha256sum <<< "$checkout" | cut -c 1-12)
    remove_orphans "$home"/checkouts/*
    copy_checkout "$mirror"
    hand_over "${PIP_CONFIG_FILE:-$HOME/.config/pip/pip.conf}" "$home/.config/pip/pip.conf"
    hand_over "$HOME/.npmrc" "$home/.npmrc"
    if [ -n "${PJPROJECT:-}" ]; then
        [ -r "$PJPROJECT" ] || fail "PJPROJECT=$PJPROJECT cannot be read."
        hand_over "$PJPROJECT" "$home/.cache/vaxel/named/${PJPROJECT##*/}"
        export PJPROJECT=$home/.cache/vaxel/named/${PJPROJECT##*/}
    fi

    mapfile -d '' -t command < <(kept_environment)
    command=("${drop_root[@]}" --chdir="$mirror" --ignore-environment "${command[@]}"
        "HOME=$home" "USER=$user" "LOGNAME=$user" SHELL=/bin/sh
        "PATH=$mirror/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@")
    [ -n "${BRING:-}" ] || exec "${command[@]}"
    "${command[@]}"
    for file in $BRING; do
        if [ -e "$mirror/$file" ]; then as_user cat "$mirror/$file" > "$checkout/$file"; fi
    done
}

main "$@"
