#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: deps/strongswan.sh FOLDER
#
# Puts Debian's strongSwan below FOLDER/usr, for Tests/Tunnels: unpacked and not installed, because its daemon and
# Libreswan's package exclude each other. Does nothing where it is there already.
set -euo pipefail

folder=$1
packages=(charon-systemd libcharon-extra-plugins libstrongswan libstrongswan-standard-plugins strongswan-libcharon
    strongswan-swanctl)
[ -x "$folder/usr/sbin/charon-systemd" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
if ! (cd "$work" && apt-get download -qq "${packages[@]}" >apt.log 2>&1); then
    cat "$work/apt.log" >&2
    echo "deps: cannot download strongSwan; is there a network, and has apt-get update been run?" >&2
    exit 1
fi
for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$work/root"; done
rm -rf "$folder"
mkdir -p "$folder"
cp -a "$work/root/usr" "$folder/usr"
