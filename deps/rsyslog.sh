#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Unpacks Debian's rsyslog with TLS, and the libraries only it needs, into a folder, for the tests: nothing is installed,
# so that no service starts. apt checks the signatures.
#
# usage: deps/rsyslog.sh FOLDER
set -eu

folder=$1
if [ -x "$folder/usr/sbin/rsyslogd" ]; then
    exit 0
fi
mkdir -p "$folder"
cd "$folder"
if ! apt-get download -qq rsyslog rsyslog-gnutls libestr0 libfastjson4 liblognorm5 >/dev/null 2>&1; then
    echo "deps: cannot download the Debian package rsyslog; is there a network, and has apt-get update been run?" >&2
    exit 1
fi
for package in ./*.deb; do
    dpkg-deb --extract "$package" .
done
rm -f ./*.deb
echo "deps: unpacked rsyslog for the tests of the audit log's copy"
