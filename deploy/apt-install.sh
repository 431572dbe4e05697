#!/usr/bin/env bash
# apt-install.sh PACKAGE...: installs Debian packages, as root. The only part of the set-up that needs root.
#
# Vaxel wants the programs in redis-server and the like, not their system services: it starts its own, as its own user,
# with its own data. So a package installed here neither starts its service now nor at the next boot. Only packages that
# are named, and are new, are treated so: a Redis that was here before runs on undisturbed.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
mark='# Written by the set-up of Vaxel while it installs packages; safe to remove.'

# Debian asks this program before a package may start a service (invoke-rc.d(8)); 101 means no.
forbid_starting() {
    if [ -e "$policy" ] && ! grep -qF "$mark" "$policy"; then
        return # a container's own policy, usually "start nothing"
    fi
    trap 'rm -f "$policy"' EXIT
    # shellcheck disable=SC2016  # the dollar signs are for the program that is written here
    printf '#!/bin/sh\n%s\ncase " %s " in *" ${1%%.service} "*) exit 101 ;; esac\nexit 0\n' "$mark" "$*" > "$policy"
    chmod 755 "$policy"
}

forbid_starting_at_boot() {
    local package
    for package; do
        if [ -e "/etc/init.d/$package" ]; then
            update-rc.d "$package" disable || true
        fi
        if [ -e "/lib/systemd/system/$package.service" ] && command -v systemctl > /dev/null; then
            systemctl disable "$package.service" || true
        fi
    done
}

export DEBIAN_FRONTEND=noninteractive
forbid_starting "$@"
apt-get --quiet -o DPkg::Lock::Timeout=300 update
apt-get --quiet -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install --yes --no-install-recommends "$@"
forbid_starting_at_boot "$@"
