/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFICATION_H
#define VERIFICATION_H

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdint.h>

/*
 * Decides about one chain, in place of X509_verify_cert(3): 1 when it stands, 0 when it does not, with the reason in
 * the store's context. Called on the thread of the eig_session_* call in progress.
 */
typedef int (*eig_verifier)(X509_STORE_CTX *store, void *owner);

/*
 * Has `verifier` asked about each peer of the context's sessions. The context keeps `owner` until it is freed itself,
 * then calls `release`: 1, or 0 when memory is short, and `owner` stays the caller's.
 */
int eig_ctx_set_verifier(SSL_CTX *ctx, eig_verifier verifier, void *owner, void (*release)(void *owner));

/*
 * SHA-256 over the certificates the peer presented, in their order (X.690 DER, which tells where each one ends): 1, or
 * 0 when one cannot be written.
 */
int eig_presented_sha256(X509_STORE_CTX *store, uint8_t digest[32]);

/* The instant that certificates are judged by, in seconds since 1970: now, or what the context was told to take for it. */
int64_t eig_verification_time(X509_STORE_CTX *store);

/* The chain that was verified, leaf first and anchor last, borrowed. */
int eig_chain_count(X509_STORE_CTX *store);
X509 *eig_chain_at(X509_STORE_CTX *store, int index);

#endif
