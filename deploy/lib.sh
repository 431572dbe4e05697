# shellcheck shell=bash
# What the set-up scripts share: how they talk.

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' red='' plain=''
fi

say() {
    printf '%s▸ %s%s\n' "$bold" "$*" "$plain" >&2
}

# The one line that a person reads when something is missing: what is wrong, then what to do.
fail() {
    printf '%s✗ %s%s\n' "$red" "$*" "$plain" >&2
    exit 1
}

# Shows each line of a long output in place of the one before; nothing at all without a terminal.
ticker() {
    local line columns
    [ -t 2 ] || exec cat > /dev/null
    columns=$(tput cols 2> /dev/null || echo 80)
    while IFS= read -r line; do
        printf '\r\e[K  %.*s' "$((columns - 3))" "$line" >&2
    done
    printf '\r\e[K' >&2
}

# quietly ADVICE CMD...: output goes to a log, which is shown only if CMD fails, followed by the advice.
quietly() {
    local advice=$1 log
    shift
    log=$(mktemp)
    if "$@" 2>&1 < /dev/null | tee "$log" | ticker; then
        rm -f "$log"
        return
    fi
    tail -n 15 "$log" >&2
    rm -f "$log"
    fail "$advice"
}
