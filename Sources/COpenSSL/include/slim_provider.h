/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIM_PROVIDER_H
#define SLIM_PROVIDER_H

#include <openssl/types.h>

/*
 * The library context of every TLS session: a provider of ours that passes on only those algorithms of the
 * default provider that TLS needs. NULL is the process's default context, and is what everybody gets where this
 * one cannot be built. Built by the first call, from whichever thread; never freed.
 */
OSSL_LIB_CTX *eig_library(void);

/* Why eig_library is the default context, in English; NULL when it is ours. */
const char *eig_library_note(void);

/* The same private key in eig_library: one reference for the caller, or NULL with the reasons in the error queue. */
EVP_PKEY *eig_library_key(EVP_PKEY *key);

#endif
