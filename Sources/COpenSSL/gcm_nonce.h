/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GCM_NONCE_H
#define GCM_NONCE_H

#include <openssl/core.h>

/*
 * Has AES-GCM in the form of TLS, with nonces of 12 bytes and no others (RFC 8446 §5.3, RFC 5288 §3), offered in place
 * of these two, which are the default provider's own: 1, or 0 when they are not alike. Call it once.
 */
int eig_gcm_prepare(OSSL_ALGORITHM *with_128_bits, OSSL_ALGORITHM *with_256_bits);

#endif
