/* SPDX-License-Identifier: Apache-2.0 */
#include "COpenSSL.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The call in progress on this thread; NULL between calls. */
static _Thread_local eig_wire *current;

eig_wire *eig_call_in_progress(void) { return current; }

/* The BIO of every session: no state of its own, it reads and writes the call in progress. */

static int wire_read(BIO *bio, char *bytes, size_t room, size_t *count)
{
    BIO_clear_retry_flags(bio);
    if (current == NULL || current->input_count == 0) {
        BIO_set_retry_read(bio);
        *count = 0;
        return 0;
    }
    *count = room < current->input_count ? room : current->input_count;
    memcpy(bytes, current->input, *count);
    current->input += *count;
    current->input_count -= *count;
    return 1;
}

static int spill(eig_wire *wire, const char *bytes, size_t count)
{
    if (wire->spill_room - wire->spill_count < count) {
        size_t room = wire->spill_room ? wire->spill_room * 2 : 4096;
        while (room - wire->spill_count < count) room *= 2;
        uint8_t *grown = realloc(wire->spill, room);
        if (grown == NULL) return 0;
        wire->spill = grown;
        wire->spill_room = room;
    }
    memcpy(wire->spill + wire->spill_count, bytes, count);
    wire->spill_count += count;
    return 1;
}

static int wire_write(BIO *bio, const char *bytes, size_t count, size_t *written)
{
    BIO_clear_retry_flags(bio);
    *written = 0;
    if (current == NULL) return 0;
    if (current->spill_count == 0 && current->output_room - current->output_count >= count) {
        memcpy(current->output + current->output_count, bytes, count);
        current->output_count += count;
    } else if (!spill(current, bytes, count)) {
        return 0;
    }
    *written = count;
    return 1;
}

static long wire_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_PUSH || command == BIO_CTRL_POP;
}

static int wire_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static BIO_METHOD *wire_method;
static CRYPTO_ONCE wire_once = CRYPTO_ONCE_STATIC_INIT;

static void make_wire_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "call in progress");
    if (method == NULL) return;
    BIO_meth_set_read_ex(method, wire_read);
    BIO_meth_set_write_ex(method, wire_write);
    BIO_meth_set_ctrl(method, wire_ctrl);
    BIO_meth_set_create(method, wire_create);
    wire_method = method;
}

int eig_session_attach(SSL *ssl)
{
    if (!CRYPTO_THREAD_run_once(&wire_once, make_wire_method) || wire_method == NULL) return 0;
    BIO *bio = BIO_new(wire_method);
    if (bio == NULL) return 0;
    SSL_set_bio(ssl, bio, bio);
    /* A record's header and the rest of it in one read: what is read here is in memory already. */
    SSL_set_read_ahead(ssl, 1);
    return 1;
}

/*
 * Whether this thread's error queue is known to be empty, as it is behind a record that was read or written well on a
 * session whose handshake was over before: whatever else a worker asks of the library, it asks within a handshake's call
 * or right behind it. Looking costs 200 instructions, clearing five times as much; a debug build looks all the same.
 */
static _Thread_local int is_queue_empty;

/* Every call is framed by these two, so that nothing of the caller's outlives it. */

static void begin(eig_wire *wire)
{
    if (!is_queue_empty && ERR_peek_error() != 0) ERR_clear_error();
#ifdef DEBUG
    assert(ERR_peek_error() == 0);
#endif
    is_queue_empty = 0;
    current = wire;
}

static int end(SSL *ssl, int status)
{
    int error = status > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, status);
    current = NULL;
    return error;
}

/* `was_open` is whether the handshake was over when the call began. */
static int end_of_record(SSL *ssl, int was_open, int status)
{
    is_queue_empty = was_open && status > 0;
    return end(ssl, status);
}

int eig_session_handshake(SSL *ssl, eig_wire *wire)
{
    begin(wire);
    return end(ssl, SSL_do_handshake(ssl));
}

int eig_session_read(SSL *ssl, eig_wire *wire, void *plaintext, size_t room, size_t *count)
{
    int was_open = SSL_is_init_finished(ssl);
    *count = 0;
    begin(wire);
    return end_of_record(ssl, was_open, SSL_read_ex(ssl, plaintext, room, count));
}

int eig_session_write(SSL *ssl, eig_wire *wire, const void *plaintext, size_t count)
{
    int was_open = SSL_is_init_finished(ssl);
    size_t written = 0;
    begin(wire);
    return end_of_record(ssl, was_open, SSL_write_ex(ssl, plaintext, count, &written));
}

int eig_session_shutdown(SSL *ssl, eig_wire *wire)
{
    begin(wire);
    int status = SSL_shutdown(ssl);
    return end(ssl, status == 0 ? 1 : status);
}

static int note_refusal(int is_ok, X509_STORE_CTX *store)
{
    if (!is_ok && current != NULL && current->refused == NULL) {
        X509 *leaf = X509_STORE_CTX_get0_cert(store);
        if (leaf != NULL && X509_up_ref(leaf)) current->refused = leaf;
        current->verify_error = X509_STORE_CTX_get_error(store);
        current->verify_depth = X509_STORE_CTX_get_error_depth(store);
    }
    return is_ok;
}

void eig_ctx_verify(SSL_CTX *ctx, int mode)
{
    SSL_CTX_set_verify(ctx, mode, note_refusal);
}

/* The first of the client's protocols that is in `known`, which is written as on the wire. */
static int select_known(
    SSL *ssl, const unsigned char **out, unsigned char *out_count, const unsigned char *in, unsigned in_count, void *known)
{
    (void)ssl;
    for (unsigned at = 0; at < in_count; at += 1u + in[at])
        for (const unsigned char *one = known; *one != 0; one += 1u + *one)
            if (in[at] == *one && in_count - at > *one && memcmp(in + at + 1, one + 1, *one) == 0) {
                *out = in + at + 1;
                *out_count = *one;
                return SSL_TLSEXT_ERR_OK;
            }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void eig_ctx_select_http1(SSL_CTX *ctx)
{
    SSL_CTX_set_alpn_select_cb(ctx, select_known, (void *)"\10http/1.1");
}

void eig_ctx_select_http1_or_postgresql(SSL_CTX *ctx)
{
    SSL_CTX_set_alpn_select_cb(ctx, select_known, (void *)"\10http/1.1\12postgresql");
}

int eig_session_is_postgresql(const SSL *ssl)
{
    const unsigned char *name = NULL;
    unsigned count = 0;
    SSL_get0_alpn_selected(ssl, &name, &count);
    return count == 10 && memcmp(name, "postgresql", 10) == 0;
}

void eig_ctx_set_options(SSL_CTX *ctx)
{
    SSL_CTX_set_options(
        ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
}

long eig_ctx_set_mode(SSL_CTX *ctx, long mode) { return SSL_CTX_set_mode(ctx, mode); }

long eig_ctx_set_min_proto_version(SSL_CTX *ctx, int version) { return SSL_CTX_set_min_proto_version(ctx, version); }

long eig_ctx_set_session_cache_mode(SSL_CTX *ctx, long mode) { return SSL_CTX_set_session_cache_mode(ctx, mode); }

long eig_ctx_set_max_cert_list(SSL_CTX *ctx, long byte_count) { return SSL_CTX_set_max_cert_list(ctx, byte_count); }

long eig_ctx_set1_groups_list(SSL_CTX *ctx, const char *list) { return SSL_CTX_set1_groups_list(ctx, list); }

long eig_ctx_set1_verify_cert_store(SSL_CTX *ctx, X509_STORE *store)
{
    return SSL_CTX_set1_verify_cert_store(ctx, store);
}

long eig_ctx_add1_chain_cert(SSL_CTX *ctx, X509 *certificate) { return SSL_CTX_add1_chain_cert(ctx, certificate); }

long eig_set_tlsext_host_name(SSL *ssl, const char *name) { return SSL_set_tlsext_host_name(ssl, name); }

void eig_free(void *block) { OPENSSL_free(block); }

X509 *eig_verified_anchor(SSL *ssl)
{
    STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
    int count = chain == NULL ? 0 : sk_X509_num(chain);
    return count == 0 ? NULL : sk_X509_value(chain, count - 1);
}

char *eig_name_text(const X509_NAME *name, size_t *count)
{
    *count = 0;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) return NULL;
    char *text = NULL;
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
        char *bytes = NULL;
        long length = BIO_get_mem_data(bio, &bytes);
        if (length >= 0 && (text = malloc((size_t)length + 1)) != NULL) {
            if (length > 0) memcpy(text, bytes, (size_t)length);
            *count = (size_t)length;
        }
    }
    BIO_free(bio);
    return text;
}

eig_names eig_names_open(const X509 *certificate)
{
    int critical = 0;
    eig_names names = {X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL), 0};
    /* -1 is "no such extension"; anything else without a value is one that cannot be read, or several. */
    names.is_malformed = names.list == NULL && critical != -1;
    return names;
}

void eig_names_close(eig_names *names)
{
    GENERAL_NAMES_free(names->list);
    names->list = NULL;
}

int eig_names_count(const eig_names *names)
{
    return names->list == NULL ? 0 : sk_GENERAL_NAME_num(names->list);
}

const uint8_t *eig_names_at(const eig_names *names, int index, int *type, size_t *count)
{
    GENERAL_NAME *name = sk_GENERAL_NAME_value(names->list, index);
    *type = name->type;
    *count = 0;
    if (name->type != GEN_DNS && name->type != GEN_EMAIL && name->type != GEN_URI) return NULL;
    const ASN1_STRING *text = name->d.ia5;
    if (text == NULL || ASN1_STRING_length(text) < 0) return NULL;
    *count = (size_t)ASN1_STRING_length(text);
    return ASN1_STRING_get0_data(text);
}
