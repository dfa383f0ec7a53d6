#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What must be true of the units: systemd reads each without a word, none is more exposed than agreed, their keys are in
# order.
#
# usage: systemd/check.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
failed=""

fail() {
    echo "$1" >&2
    failed=yes
}

# A root file system with systemd's own units and ours, as the packages install them; the programs are only looked for.
mkdir -p "$root/lib/systemd"
cp -a /lib/systemd/system "$root/lib/systemd/"
for unit in "$here"/*.service "$here"/*.socket "$here"/*.timer; do
    install -m 644 "$unit" "$root/lib/systemd/system/"
    sed -n '/^ExecPaths/d; s/^Exec[A-Za-z]*=[-@:+!]*\([^ ]*\).*/\1/p' "$unit"
done | sort -u | while read -r program; do install -D -m 755 /bin/true "$root$program"; done
for unit in eigd.service eigd.socket eigd-internal.socket eigd-control.socket; do
    install -D -m 644 "$here/eigd-jumpd-${unit##*.}.conf" "$root/lib/systemd/system/$unit.d/50-jumpd.conf"
done
install -D -m 644 "$here/ipsec-jumpd.conf" "$root/lib/systemd/system/ipsec.service.d/50-jumpd.conf"
# Started at boot, so that a circle in their order is seen.
for unit in "$here"/*.service "$here"/*.socket "$here"/*.timer; do
    ! grep -q '^\[Install\]' "$unit" || systemctl --quiet --root="$root" enable "$(basename "$unit")"
done

# All at once, as at boot. Its exit status is 0 for unknown keys and for values it ignores.
said=$(cd "$here" && systemd-analyze verify --root="$root" --man=no -- *.service *.socket *.timer 2>&1) || true
[ -z "$said" ] || fail "systemd-analyze verify: $said"

for unit in "$here"/*.service "$here"/*.socket "$here"/*.timer; do
    unordered=$(sed -n 's/^\(\[.*\]\|[A-Za-z][A-Za-z0-9]*\)\(=.*\)\{0,1\}$/\1/p' "$unit" | LC_ALL=C awk '
        /^\[/ { last = ""; next }
        last != "" && $0 < last { print $0 " after " last }
        { last = $0 }')
    [ -z "$unordered" ] || fail "$(basename "$unit"): keys are not in order: $unordered"
done

# Exposure as systemd-analyze security counts it, in tenths.
while read -r name most; do
    if ! said=$(systemd-analyze security --offline=true --no-pager --threshold="$most" "$here/$name" 2>&1); then
        fail "$name: more exposed than $most tenths: $(echo "$said" | tail -n 1)"
    fi
done <<'LIST'
eigd.service 12
eig-backup.service 12
eig-certificates.service 3
eig-lockdown.service 14
eig-metrics.service 13
eig-review.service 8
jumpd-audit.service 12
jumpd.service 12
jumpd-enforce.service 13
jumpd-tunnels.service 15
LIST

[ -z "$failed" ]
