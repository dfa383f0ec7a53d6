#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs Debian packages that bring a service, where they are missing, without its being started: now or at the next
# boot. One that is installed already is its owner's and stays as it is.
#
# usage: deps/quietly.sh PACKAGE...
set -eu
cd "$(dirname "$0")/.."

missing=""
for name in "$@"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || state=""
    [ "$state" = "installed" ] || missing="$missing $name"
done
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"

# Debian starts a service when its package is installed; policy-rc.d says no meanwhile (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
if [ -n "$missing" ] && [ ! -e "$policy" ]; then
    trap '$as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
fi
deps/apt.sh "$@"
for name in $missing; do
    ! command -v systemctl >/dev/null 2>&1 || $as_root systemctl --quiet disable "$name" 2>/dev/null || true
done
