#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Unpacks Debian's prometheus and promtool into a folder, for the tests: the package is not installed, so that no
# service starts. apt checks its signature.
#
# usage: deps/prometheus.sh FOLDER
set -eu

folder=$1
if [ -x "$folder/prometheus" ] && [ -x "$folder/promtool" ]; then
    exit 0
fi
mkdir -p "$folder"
cd "$folder"
if ! apt-get download -qq prometheus >/dev/null 2>&1; then
    echo "deps: cannot download the Debian package prometheus; is there a network, and has apt-get update been run?" >&2
    exit 1
fi
set -- prometheus_*.deb
dpkg-deb --fsys-tarfile "$1" | tar -x --strip-components=3 ./usr/bin/prometheus ./usr/bin/promtool
rm -f "$@"
echo "deps: unpacked $1 for the tests of metrics"
