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

/*
 * Has the session keep `known` as its peer's certificate, and nothing of the chain above it. To be called by a verifier
 * that has found the chain good, as the last thing.
 *
 * `known` must have the very bytes of the leaf that was presented. The library parses that anew in each handshake and
 * has no call to give it one that was parsed before; but the chain that its verifier gets is the list that the
 * session's certificate is then taken from, with a reference for each entry. Where it is not, nothing is exchanged.
 */
void eig_share_presented(X509_STORE_CTX *store, X509 *known);

/* The instant that certificates are judged by, in seconds since 1970: now, or what the context was told to take for it. */
int64_t eig_verification_time(X509_STORE_CTX *store);

/* The chain that was verified, leaf first and anchor last, borrowed. */
int eig_chain_count(X509_STORE_CTX *store);
X509 *eig_chain_at(X509_STORE_CTX *store, int index);

#endif
