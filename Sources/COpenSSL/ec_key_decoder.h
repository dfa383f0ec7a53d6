/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EC_KEY_DECODER_H
#define EC_KEY_DECODER_H

#include <openssl/core.h>

/*
 * A decoder of elliptic curve public keys for a provider beside `decoder`, the default provider's own, which decodes
 * each key first; `keys` is the same provider's key management: 1, or 0 when either lacks something. Call it once.
 */
int eig_ec_decoder_prepare(const OSSL_ALGORITHM *decoder, const OSSL_ALGORITHM *keys);

/* What the core of a library lends its providers; before anything is decoded. */
int eig_ec_decoder_start(const OSSL_DISPATCH *core);

/* What to offer in place of the decoder's functions; eig_ec_decoder_prepare fills it. */
extern OSSL_DISPATCH eig_ec_decoder_functions[];

#endif
