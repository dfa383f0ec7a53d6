#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Tests/Fuzz/seeds.sh TARGET FOLDER — put the inputs a fuzzer starts from into FOLDER.
set -euo pipefail
target=$1
folder=$2
number=0

seed() {
    number=$((number + 1))
    # The format is the seed: it is made of escapes.
    # shellcheck disable=SC2059
    printf "$1" >"$folder/seed-$number"
}

case $target in
FuzzRequest)
    seed 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    seed '\r\nPOST /a/b?c=%%20d HTTP/1.1\r\nHost: a.example:8443\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n'
    seed 'PUT /a HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\nConnection: close, x-b\r\nX-B:\t1 \r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n'
    seed 'PATCH /a HTTP/1.1\r\nHost: a\r\nX-USERNAME: a\r\nX-PASSWORD: b\r\nX-EIG-Partner: c\r\nForwarded: for=1\r\ntraceparent: 00\r\n\r\n'
    seed 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG'
    ;;
FuzzResponse)
    seed '\000HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: application/json\r\n\r\nabc'
    seed '\002HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'
    seed '\001HTTP/1.1 304 Not Modified\r\nDate: now\r\n\r\n'
    seed '\003HTTP/1.1 204\r\nConnection: close\r\nSet-Cookie: a=b\r\n\r\n'
    ;;
FuzzBody)
    seed '\3773\r\nabc\r\n0\r\n\r\n'
    seed '\372A\r\n0123456789\r\n0\r\nX-A: b\r\n\r\nGET'
    seed '\030abc'
    seed '\371abc'
    ;;
esac
