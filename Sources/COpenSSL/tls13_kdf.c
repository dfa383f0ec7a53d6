/* SPDX-License-Identifier: Apache-2.0 */
#include "tls13_kdf.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdint.h>
#include <string.h>

/*
 * A handshake derives some twenty secrets. OpenSSL 3.0 spends as long again on each as hashing takes: it looks the
 * digest up by name, copies every parameter, and makes and frees three digest contexts for one HMAC. Here a secret
 * costs one digest context. All hashing is the library's.
 */

enum { HASH_MAX = 48, BLOCK_MAX = 128, LABEL_MAX = 64 };

typedef struct {
    const char *name;
    EVP_MD *digest;
    size_t size;
    size_t block;
    uint8_t of_nothing[HASH_MAX];
} eig_hash;

static eig_hash hashes[] = {{.name = "SHA2-256"}, {.name = "SHA2-384"}};

static void *origin_context;
static OSSL_FUNC_kdf_newctx_fn *origin_new;
static OSSL_FUNC_kdf_freectx_fn *origin_free;
static OSSL_FUNC_kdf_derive_fn *origin_derive;

int eig_tls13_kdf_prepare(const OSSL_ALGORITHM *algorithm, OSSL_LIB_CTX *source, void *source_context)
{
    origin_context = source_context;
    for (const OSSL_DISPATCH *one = algorithm->implementation; one->function_id != 0; one++) {
        if (one->function_id == OSSL_FUNC_KDF_NEWCTX) origin_new = OSSL_FUNC_kdf_newctx(one);
        if (one->function_id == OSSL_FUNC_KDF_FREECTX) origin_free = OSSL_FUNC_kdf_freectx(one);
        if (one->function_id == OSSL_FUNC_KDF_DERIVE) origin_derive = OSSL_FUNC_kdf_derive(one);
    }
    if (origin_new == NULL || origin_free == NULL || origin_derive == NULL) return 0;
    for (size_t at = 0; at < sizeof hashes / sizeof hashes[0]; at++) {
        eig_hash *hash = &hashes[at];
        hash->digest = EVP_MD_fetch(source, hash->name, NULL);
        if (hash->digest == NULL) return 0;
        hash->size = (size_t)EVP_MD_get_size(hash->digest);
        hash->block = (size_t)EVP_MD_get_block_size(hash->digest);
        if (hash->size > HASH_MAX || hash->block > BLOCK_MAX) return 0;
        if (!EVP_Digest("", 0, hash->of_nothing, NULL, hash->digest, NULL)) return 0;
    }
    return 1;
}

typedef struct {
    const void *bytes;
    size_t count;
} eig_bytes;

static int digest_padded(
    EVP_MD_CTX *context, const eig_hash *hash, eig_bytes key, uint8_t with, eig_bytes message, uint8_t *output)
{
    uint8_t pad[BLOCK_MAX];
    memset(pad, with, hash->block);
    for (size_t at = 0; at < key.count; at++) pad[at] ^= ((const uint8_t *)key.bytes)[at];
    int is_done = EVP_DigestInit_ex(context, hash->digest, NULL) && EVP_DigestUpdate(context, pad, hash->block)
        && EVP_DigestUpdate(context, message.bytes, message.count) && EVP_DigestFinal_ex(context, output, NULL);
    OPENSSL_cleanse(pad, sizeof pad);
    return is_done;
}

/* HMAC (RFC 2104) with a key no longer than a block; `message` may be `output`. */
static int authenticate(EVP_MD_CTX *context, const eig_hash *hash, eig_bytes key, eig_bytes message, uint8_t *output)
{
    return digest_padded(context, hash, key, 0x36, message, output)
        && digest_padded(context, hash, key, 0x5c, (eig_bytes){output, hash->size}, output);
}

/* What a caller of the KDF gives; a field without bytes was not given. */
typedef struct {
    int mode;
    const eig_hash *hash;
    eig_bytes key, salt, prefix, label, data;
} eig_request;

/* HKDF-Expand-Label (RFC 8446 §7.1) for one hash output at most, of which the first `count` bytes are wanted. */
static int expand(
    EVP_MD_CTX *context, const eig_request *request, eig_bytes secret, eig_bytes data, uint8_t *output, size_t count)
{
    uint8_t info[2 + 1 + LABEL_MAX + 1 + HASH_MAX + 1];
    uint8_t block[HASH_MAX];
    size_t at = 0;
    info[at++] = (uint8_t)(count >> 8);
    info[at++] = (uint8_t)count;
    info[at++] = (uint8_t)(request->prefix.count + request->label.count);
    if (request->prefix.count > 0) memcpy(info + at, request->prefix.bytes, request->prefix.count);
    at += request->prefix.count;
    if (request->label.count > 0) memcpy(info + at, request->label.bytes, request->label.count);
    at += request->label.count;
    info[at++] = (uint8_t)data.count;
    if (data.count > 0) memcpy(info + at, data.bytes, data.count);
    at += data.count;
    /* The number of the block (RFC 5869 §2.3). */
    info[at++] = 1;
    int is_done = authenticate(context, request->hash, secret, (eig_bytes){info, at}, block);
    if (is_done) memcpy(output, block, count);
    OPENSSL_cleanse(block, sizeof block);
    return is_done;
}

/* The next secret of the schedule: HKDF-Extract over what the one before leads to (RFC 8446 §7.1). */
static int extract(EVP_MD_CTX *context, const eig_request *request, uint8_t *output)
{
    static const uint8_t zeros[HASH_MAX];
    const eig_hash *hash = request->hash;
    uint8_t salt[HASH_MAX];
    eig_bytes key = request->key.bytes == NULL ? (eig_bytes){zeros, hash->size} : request->key;
    if (request->salt.bytes == NULL) return authenticate(context, hash, (eig_bytes){zeros, 0}, key, output);
    eig_bytes nothing = {hash->of_nothing, hash->size};
    int is_done = expand(context, request, request->salt, nothing, salt, hash->size)
        && authenticate(context, hash, (eig_bytes){salt, hash->size}, key, output);
    OPENSSL_cleanse(salt, sizeof salt);
    return is_done;
}

static int read_request(const OSSL_PARAM *given, eig_request *request)
{
    memset(request, 0, sizeof *request);
    request->mode = -1;
    for (; given != NULL && given->key != NULL; given++) {
        eig_bytes *field = strcmp(given->key, OSSL_KDF_PARAM_KEY) == 0 ? &request->key
            : strcmp(given->key, OSSL_KDF_PARAM_SALT) == 0             ? &request->salt
            : strcmp(given->key, OSSL_KDF_PARAM_PREFIX) == 0           ? &request->prefix
            : strcmp(given->key, OSSL_KDF_PARAM_LABEL) == 0            ? &request->label
            : strcmp(given->key, OSSL_KDF_PARAM_DATA) == 0             ? &request->data
                                                                       : NULL;
        if (field != NULL) {
            if (field->bytes != NULL || given->data_type != OSSL_PARAM_OCTET_STRING || given->data == NULL) return 0;
            *field = (eig_bytes){given->data, given->data_size};
        } else if (strcmp(given->key, OSSL_KDF_PARAM_MODE) == 0) {
            if (given->data_type != OSSL_PARAM_INTEGER || !OSSL_PARAM_get_int(given, &request->mode)) return 0;
        } else if (strcmp(given->key, OSSL_KDF_PARAM_DIGEST) == 0) {
            if (given->data_type != OSSL_PARAM_UTF8_STRING || given->data == NULL) return 0;
            for (size_t at = 0; at < sizeof hashes / sizeof hashes[0]; at++) {
                if (strcmp(given->data, hashes[at].name) == 0) request->hash = &hashes[at];
            }
        } else {
            return 0;
        }
    }
    /* What is longer than TLS makes it, or missing, is for the library to judge. */
    return request->hash != NULL && request->prefix.count + request->label.count <= LABEL_MAX
        && request->data.count <= HASH_MAX && request->salt.count <= request->hash->block;
}

static int derive_by_origin(unsigned char *output, size_t count, const OSSL_PARAM *given)
{
    void *context = origin_new(origin_context);
    if (context == NULL) return 0;
    int is_done = origin_derive(context, output, count, given);
    origin_free(context);
    return is_done;
}

static int derive(void *unused, unsigned char *output, size_t count, const OSSL_PARAM given[])
{
    (void)unused;
    eig_request request;
    int is_usual = read_request(given, &request) && count > 0 && count <= request.hash->size;
    int is_expansion = is_usual && request.mode == EVP_KDF_HKDF_MODE_EXPAND_ONLY && request.key.bytes != NULL
        && request.key.count <= request.hash->block;
    int is_extraction
        = is_usual && request.mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY && count == request.hash->size;
    if (!is_expansion && !is_extraction) return derive_by_origin(output, count, given);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return 0;
    int is_done = is_expansion ? expand(context, &request, request.key, request.data, output, count)
                               : extract(context, &request, output);
    EVP_MD_CTX_free(context);
    return is_done;
}

/* Every derivation brings all its parameters, so there is nothing to keep; who wants to set some first is refused. */

static void *new_context(void *provider) { return provider; }

static void free_context(void *context) { (void)context; }

static int set_parameters(void *context, const OSSL_PARAM given[])
{
    (void)context;
    return given == NULL || given->key == NULL;
}

const OSSL_DISPATCH eig_tls13_kdf_functions[] = {
    {OSSL_FUNC_KDF_NEWCTX, (void (*)(void))new_context},
    {OSSL_FUNC_KDF_FREECTX, (void (*)(void))free_context},
    {OSSL_FUNC_KDF_DERIVE, (void (*)(void))derive},
    {OSSL_FUNC_KDF_SET_CTX_PARAMS, (void (*)(void))set_parameters},
    {0, NULL},
};
