#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the demonstration's private PKI: an authority for each partner, one of our own, and leaf certificates.
#
# usage: demo/pki.sh FOLDER [administrators]
#
# Writes FOLDER/NAME.pem and FOLDER/NAME.key. Every key is P-256. With `administrators`, into a folder that has the rest:
# theirs and the gate's.
set -eu

mkdir -p "$1"
cd "$1"
umask 077

issue() { # NAME, then what differs
    name=$1
    shift
    # openssl draws progress on its error stream: shown only when it fails.
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -out "$name.pem" "$@" \
        2>openssl.log || { cat openssl.log >&2; exit 1; }
}

authority() { # NAME SUBJECT
    issue "$1" -subj "$2" -days 365 \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign
}

leaf() { # NAME AUTHORITY USAGE DNS-NAME-OR-MAIL-ADDRESS…
    leaf=$1 issuer=$2 usage=$3 first=$4 names=""
    shift 3
    for each; do
        case $each in
        *@*) names="$names${names:+,}email:$each" ;;
        *) names="$names${names:+,}DNS:$each" ;;
        esac
    done
    issue "$leaf" -subj "/CN=$first" -days 180 -CA "$issuer.pem" -CAkey "$issuer.key" \
        -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature \
        -addext "extendedKeyUsage=$usage" -addext "subjectAltName=$names"
}

if [ "${2:-}" = administrators ]; then
    authority admins-ca "/O=Edge Demo/CN=Edge Demo Administrators CA"
    leaf jump eig-ca serverAuth jump.edge.example
    for name in anna ben mallory; do leaf "$name" admins-ca clientAuth "$name@edge.example"; done
    rm -f openssl.log
    exit 0
fi

authority eig-ca "/O=Edge Demo/CN=Edge Demo CA"
authority payfast-ca "/O=PayFast/CN=PayFast CA"
authority mobicash-ca "/O=MobiCash/CN=MobiCash CA"

# What we show: to partners who call us, and when we call them.
leaf edge eig-ca serverAuth edge.eig.example
leaf payfast-out eig-ca clientAuth payfast-out.eig.example
leaf mobicash-out eig-ca clientAuth mobicash-out.eig.example

# What the partners show.
leaf payfast payfast-ca clientAuth edge.payfast.example
leaf payfast-callbacks payfast-ca serverAuth callbacks.payfast.example
leaf mobicash mobicash-ca clientAuth edge.mobicash.example
leaf mobicash-server mobicash-ca serverAuth api.mobicash.example callbacks.mobicash.example

# PayFast's name, from an authority that has no say over it.
leaf impostor mobicash-ca clientAuth edge.payfast.example
rm -f openssl.log
