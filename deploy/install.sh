#!/usr/bin/env bash
# install.sh: installs this checkout, or upgrades to it, for systemd; as root. Nothing is started or stopped.
#
# Each version gets a folder of its own below /opt/vaxel-versions; /opt/vaxel is a link to the one in use. Processes that
# run keep the version they were started with, and are found at the same path by the next supervisor. Called again, it
# changes nothing. The last three versions are kept: to go back, let the link lead to one of them.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

user=vaxel
versions=/opt/vaxel-versions
link=/opt/vaxel
keep=3

[ "$(id -u)" -eq 0 ] || fail 'Installing needs root: sudo make install'

build() { # VERSION
    local folder=$versions/$1
    [ ! -e "$folder/.installed" ] || return 0
    say "Building $folder"
    rm -rf "$folder"
    install -d -o "$user" -g "$user" -m 0755 "$folder"
    deploy/list-files.sh | tar --create --null --files-from - |
        setpriv --reuid "$user" --regid "$user" --init-groups tar --extract --no-same-owner --directory "$folder"
    # Its user builds it, and may not change it afterwards.
    deploy/as-user.sh env --chdir "$folder" deploy/setup.sh python run
    chown -R root:root "$folder"
    touch "$folder/.installed"
}

use() { # VERSION
    ln -sfn "$versions/$1" "$link.new"
    mv -T "$link.new" "$link"
    ln -sfn "$link/.venv/bin/vaxel" /usr/local/bin/vaxel
}

places() {
    install -d -g "$user" -m 0750 /etc/vaxel
    install -d -o "$user" -g "$user" -m 0750 /var/lib/vaxel
    install -d -o "$user" -g "$user" -m 0700 /var/backups/vaxel
    install -D -m 0644 --target-directory /etc/systemd/system deploy/systemd/*.service deploy/systemd/*.timer
    install -D -m 0644 deploy/systemd/sysctl.conf /etc/sysctl.d/90-vaxel.conf
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        sysctl --quiet --load /etc/sysctl.d/90-vaxel.conf || say 'The kernel took not all of /etc/sysctl.d/90-vaxel.conf'
    fi
}

forget_old() {
    find "$versions" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | tail -n "+$((keep + 1))" | cut -d ' ' -f 2- |
        while IFS= read -r folder; do
            [ "$folder" = "$(readlink -f "$link")" ] || rm -rf "$folder"
        done
}

deploy/setup.sh packages run pjsua2-run pjsua2-build
deploy/as-user.sh true # makes the user
version=$(deploy/list-files.sh | xargs -0 sha256sum | sha256sum | cut -c 1-12)
umask 022
mkdir -p "$versions"
build "$version"
use "$version"
places
forget_old
say "Installed: $link is $version. docs/operating.md says how to start it, and how to replace what runs."
