#!/bin/sh
# certbot's deploy hook: /etc/letsencrypt/renewal-hooks/deploy/vaxel. Hands a renewed certificate to Vaxel, which takes it
# up within a second, and no call is disturbed. Only Vaxel's group may read the key.
set -eu
to=${VAXEL_TLS:-/etc/vaxel/tls}
group=${VAXEL_GROUP:-vaxel}

install -d -g "$group" -m 0750 "$to"
for pair in fullchain.pem:certificate.pem privkey.pem:key.pem; do
    new=$to/.${pair#*:}.new
    install -g "$group" -m 0640 "$RENEWED_LINEAGE/${pair%:*}" "$new"
    mv "$new" "$to/${pair#*:}"
done
