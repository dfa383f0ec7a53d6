#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Debian packages this project needs and that are missing, and says which.
#
# usage: deps/apt.sh [--list] [PACKAGE...]
#
# Those named are wanted besides the list below, for what is not needed to build and to test.
# Nothing is installed where nothing is missing, so it costs a second on a machine that is ready.
# It asks for root through sudo only where it is not root already.
set -eu

# Headers and libraries the Swift targets link against (one fence each, see Package.swift).
BUILD="libc6-dev libcrypt-dev libmnl-dev libnetfilter-conntrack-dev libnftnl-dev libsqlite3-dev libssl-dev
libstdc++-12-dev libsystemd-dev libtomlplusplus-dev"
# Programs the demonstration and the end-to-end tests drive: the kernel's own tools and independent clients.
RUN="ca-certificates conntrack curl iproute2 libnss3-tools libreswan nftables openssl procps python3 python3-pytest
python3-pytest-timeout strace"
# What the Makefile itself calls; systemd checks the units, valgrind counts what a request costs.
TOOLS="make mandoc systemd valgrind"
# What Swift's own programs need and a bare Debian lacks; Swift itself comes from swift.org.
SWIFT="binutils git libcurl4 libedit2 libgcc-12-dev libncurses6 libxml2"

list=""
if [ "${1:-}" = "--list" ]; then
    list=yes
    shift
fi
wanted=$(printf '%s ' $BUILD $RUN $TOOLS $SWIFT "$@")
if [ -n "$list" ]; then
    printf '%s\n' $wanted
    exit 0
fi
if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    echo "deps: this is not a Debian system; install the equivalents of: $wanted" >&2
    exit 1
fi
if ! command -v swift >/dev/null 2>&1; then
    echo "deps: no \`swift\` on PATH; install Swift 6.3 or newer (https://www.swift.org/install/linux/)" >&2
    exit 1
fi

missing=""
for name in $wanted; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || state=""
    [ "$state" = "installed" ] || missing="$missing $name"
done
if [ -z "$missing" ]; then
    echo "deps: all $(printf '%s\n' $wanted | wc -l) Debian packages are installed"
    exit 0
fi

as_root=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "deps: missing:$missing; run as root: apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root="sudo"
fi
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -q -o DPkg::Lock::Timeout=300 update
# Unquoted on purpose: one argument a package.
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing
