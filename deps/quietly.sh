#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs Debian packages that bring a service, where they are missing, without its being started: now or at the next
# boot. One that is installed already is its owner's and stays as it is.
#
# usage: deps/quietly.sh PACKAGE...
set -eu
cd "$(dirname "$0")/.."

installed() {
    dpkg-query -W -f='${binary:Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p' | sort
}

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
before=$(installed)
deps/apt.sh "$@"
[ -n "$missing" ] && command -v systemctl >/dev/null 2>&1 || exit 0
# A service may come with another package than the one that was named.
installed | grep -v -x -F "$before" | xargs --no-run-if-empty dpkg-query -L |
    sed -n -E 's#^(/usr)?/lib/systemd/system/([^/@]+\.(service|socket))$#\2#p' |
    while read -r unit; do $as_root systemctl --quiet disable "$unit" 2>/dev/null || true; done
