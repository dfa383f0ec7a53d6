/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TLS13_KDF_H
#define TLS13_KDF_H

#include <openssl/core.h>

/*
 * A TLS13-KDF (RFC 8446 §7.1) for a provider beside `algorithm`, the default provider's own, which still does whatever
 * is not one hash output of SHA-256 or SHA-384: 1, or 0 when the library lacks something. Call it once.
 */
int eig_tls13_kdf_prepare(const OSSL_ALGORITHM *algorithm, OSSL_LIB_CTX *source, void *source_context);

/* What to offer in place of that algorithm's functions. */
extern const OSSL_DISPATCH eig_tls13_kdf_functions[];

#endif
