/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COPENSSL_H
#define COPENSSL_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

#include "record_blocks.h"
#include "slim_provider.h"
#include "verification.h"

/*
 * What one call on a session reads and where it writes.
 *
 * It lives on the caller's stack and is known to the session's BIO only while one of the eig_session_*
 * functions below runs: between calls a session holds no buffer of ours.
 */
typedef struct eig_wire {
    const uint8_t *input; /* received bytes not read yet */
    size_t input_count;
    uint8_t *output; /* spare room of the caller's buffer */
    size_t output_room;
    size_t output_count;
    uint8_t *spill; /* what did not fit there, malloc'ed; the caller appends and frees it */
    size_t spill_room;
    size_t spill_count;
    X509 *refused; /* the leaf whose verification failed, one reference; the caller frees it */
    int verify_error;
    int verify_depth;
    void *verified; /* what the context's verifier leaves for the caller */
} eig_wire;

/* The call in progress on this thread, for what the library calls back meanwhile; NULL between calls. */
eig_wire *eig_call_in_progress(void);

/* Gives a fresh session its BIO: 1, or 0 when memory is short. */
int eig_session_attach(SSL *ssl);

/* Each answers SSL_ERROR_NONE or what SSL_get_error says; the thread's error queue holds the reasons. */
int eig_session_handshake(SSL *ssl, eig_wire *wire);
int eig_session_read(SSL *ssl, eig_wire *wire, void *plaintext, size_t room, size_t *count);
int eig_session_write(SSL *ssl, eig_wire *wire, const void *plaintext, size_t count);
int eig_session_shutdown(SSL *ssl, eig_wire *wire);

/* Verification is the library's; this only notes in the call's eig_wire whom it refused and why. */
void eig_ctx_verify(SSL_CTX *ctx, int mode);

/* Answers ALPN with http/1.1, refuses a list without it, and accepts a client that sends none. */
void eig_ctx_select_http1(SSL_CTX *ctx);

/* The same with postgresql besides; and whether that was chosen. */
void eig_ctx_select_http1_or_postgresql(SSL_CTX *ctx);
int eig_session_is_postgresql(const SSL *ssl);

/* No renegotiation, no compression, no stateless tickets, our order of ciphers. */
void eig_ctx_set_options(SSL_CTX *ctx);

/* Macros of the library, as functions. */
long eig_ctx_set_mode(SSL_CTX *ctx, long mode);
long eig_ctx_set_min_proto_version(SSL_CTX *ctx, int version);
long eig_ctx_set_session_cache_mode(SSL_CTX *ctx, long mode);
long eig_ctx_set_max_cert_list(SSL_CTX *ctx, long byte_count);
long eig_ctx_set1_groups_list(SSL_CTX *ctx, const char *list);
long eig_ctx_set1_verify_cert_store(SSL_CTX *ctx, X509_STORE *store);
long eig_ctx_add1_chain_cert(SSL_CTX *ctx, X509 *certificate);
long eig_set_tlsext_host_name(SSL *ssl, const char *name);
void eig_free(void *block);

/* The last certificate of the verified chain, borrowed; NULL without one. */
X509 *eig_verified_anchor(SSL *ssl);

/* The subject or the issuer as RFC 2253 text in UTF-8, malloc'ed; NULL when it cannot be read. */
char *eig_name_text(const X509_NAME *name, size_t *count);

/* The subject alternative names of a certificate. */
typedef struct eig_names {
    GENERAL_NAMES *list;
    int is_malformed;
} eig_names;
eig_names eig_names_open(const X509 *certificate);
void eig_names_close(eig_names *names);
int eig_names_count(const eig_names *names);
/* Borrowed bytes of the name at `index` and its type; NULL when it is not an IA5 string. */
const uint8_t *eig_names_at(const eig_names *names, int index, int *type, size_t *count);

#endif
