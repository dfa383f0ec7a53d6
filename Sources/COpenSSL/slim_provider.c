/* SPDX-License-Identifier: Apache-2.0 */
#include "slim_provider.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "ec_key_decoder.h"
#include "gcm_nonce.h"
#include "tls13_kdf.h"

/*
 * What a TLS session asks the library for, and nothing else: each is the default provider's own implementation, but
 * for what replace() puts before some of them.
 *
 * Every certificate's key costs a walk over all decoders and all key managers of a library context, and that
 * walk is what makes this list worth having: the default provider has 80 decoders and 30 key managers. So keys
 * are read as SubjectPublicKeyInfo only; private ones are read elsewhere and handed over as numbers.
 */

enum { NAMES_MAX = 16 };

typedef struct {
    int operation;
    int is_required;
    const char *names[NAMES_MAX];
} eig_wanted;

static const eig_wanted wanted[] = {
    /* SHA-1 for fingerprints that the library keeps of each certificate, SHA-224 for TLS 1.2 signatures. */
    {OSSL_OP_DIGEST, 1, {"SHA2-256", "SHA2-384", "SHA2-512", "SHA1", "SHA2-224"}},
    {OSSL_OP_CIPHER, 1, {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"}},
    {OSSL_OP_MAC, 1, {"HMAC"}},
    {OSSL_OP_KDF, 1, {"TLS13-KDF", "TLS1-PRF", "HKDF"}},
    {OSSL_OP_RAND, 1, {"CTR-DRBG", "SEED-SRC"}},
    /* HMAC keys are those of Finished messages and of the binders of resumed sessions. */
    {OSSL_OP_KEYMGMT, 1, {"EC", "RSA", "RSA-PSS", "X25519", "ED25519", "ED448", "HMAC"}},
    {OSSL_OP_KEYEXCH, 1, {"ECDH", "X25519"}},
    {OSSL_OP_SIGNATURE, 1, {"ECDSA", "RSA", "ED25519", "ED448", "HMAC"}},
    {OSSL_OP_DECODER, 1, {"EC", "RSA", "RSA-PSS", "ED25519", "ED448"}},
};

enum { OPERATIONS = sizeof wanted / sizeof wanted[0], ALGORITHMS_MAX = 32 };

/* Filled once, before the provider is known to anybody. */
static OSSL_ALGORITHM offered[OPERATIONS][ALGORITHMS_MAX];
static OSSL_PROVIDER *origin;

/* Whether `name` is among the names of an algorithm, which are joined by colons. */
static int has_name(const char *names, const char *name)
{
    size_t count = strlen(name);
    while (names != NULL) {
        const char *end = strchr(names, ':');
        size_t length = end == NULL ? strlen(names) : (size_t)(end - names);
        if (length == count && OPENSSL_strncasecmp(names, name, count) == 0) return 1;
        names = end == NULL ? NULL : end + 1;
    }
    return 0;
}

/* Of the decoders only those that read the public key of a certificate. */
static int is_usable(const OSSL_ALGORITHM *algorithm, int operation)
{
    if (operation != OSSL_OP_DECODER) return 1;
    const char *properties = algorithm->property_definition;
    return properties != NULL && strstr(properties, "input=der") != NULL
        && strstr(properties, "structure=SubjectPublicKeyInfo") != NULL;
}

static const char *offer(size_t index)
{
    const eig_wanted *want = &wanted[index];
    int no_cache = 0;
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(origin, want->operation, &no_cache);
    if (all == NULL || no_cache) return "the default provider keeps its algorithms to itself";
    size_t count = 0;
    for (size_t at = 0; at < NAMES_MAX && want->names[at] != NULL; at++) {
        size_t before = count;
        for (const OSSL_ALGORITHM *one = all; one->algorithm_names != NULL; one++) {
            if (!has_name(one->algorithm_names, want->names[at]) || !is_usable(one, want->operation)) continue;
            if (count == ALGORITHMS_MAX - 1) return "the default provider has more of one algorithm than expected";
            offered[index][count++] = *one;
        }
        if (count == before) return "the default provider lacks an algorithm of TLS";
    }
    return NULL;
}

static OSSL_ALGORITHM *offered_one(int operation, const char *name)
{
    for (size_t index = 0; index < OPERATIONS; index++) {
        if (wanted[index].operation != operation) continue;
        for (OSSL_ALGORITHM *one = offered[index]; one->algorithm_names != NULL; one++) {
            if (has_name(one->algorithm_names, name)) return one;
        }
    }
    return NULL;
}

/* Our shorter way to the same results, where the library's is long. */
static int replace(OSSL_LIB_CTX *source)
{
    OSSL_ALGORITHM *kdf = offered_one(OSSL_OP_KDF, "TLS13-KDF");
    OSSL_ALGORITHM *decoder = offered_one(OSSL_OP_DECODER, "EC");
    OSSL_ALGORITHM *keys = offered_one(OSSL_OP_KEYMGMT, "EC");
    OSSL_ALGORITHM *gcm_128 = offered_one(OSSL_OP_CIPHER, "AES-128-GCM");
    OSSL_ALGORITHM *gcm_256 = offered_one(OSSL_OP_CIPHER, "AES-256-GCM");
    if (kdf == NULL || decoder == NULL || keys == NULL || gcm_128 == NULL || gcm_256 == NULL) return 0;
    if (!eig_gcm_prepare(gcm_128, gcm_256)) return 0;
    if (!eig_tls13_kdf_prepare(kdf, source, OSSL_PROVIDER_get0_provider_ctx(origin))) return 0;
    if (!eig_ec_decoder_prepare(decoder, keys)) return 0;
    kdf->implementation = eig_tls13_kdf_functions;
    decoder->implementation = eig_ec_decoder_functions;
    return 1;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache)
{
    (void)context;
    *no_cache = 0;
    for (size_t at = 0; at < OPERATIONS; at++) {
        if (wanted[at].operation == operation) return offered[at];
    }
    return NULL;
}

/* The groups of TLS; the library leaves out those whose keys nobody here manages. */
static int capabilities(void *context, const char *capability, OSSL_CALLBACK *callback, void *argument)
{
    (void)context;
    return OSSL_PROVIDER_get_capabilities(origin, capability, callback, argument);
}

static const OSSL_DISPATCH dispatch[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))capabilities},
    {0, NULL},
};

static int start(
    const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **functions, void **context)
{
    (void)handle;
    if (!eig_ec_decoder_start(core)) return 0;
    *functions = dispatch;
    *context = OSSL_PROVIDER_get0_provider_ctx(origin);
    return 1;
}

static OSSL_LIB_CTX *library;
static const char *note;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int is_other(OSSL_PROVIDER *provider, void *found)
{
    if (strcmp(OSSL_PROVIDER_get0_name(provider), "default") != 0) *(int *)found = 1;
    return 1;
}

/* Neither context is ever freed: sessions of any thread may use them until the process ends. */
static const char *build(void)
{
    if (OPENSSL_version_major() != 3 || OPENSSL_version_minor() != 0) return "not tried with this OpenSSL";
    /* Who names providers or properties in openssl.cnf wants those used: FIPS, a hardware token. */
    int has_other = EVP_default_properties_is_fips_enabled(NULL);
    OSSL_PROVIDER_do_all(NULL, is_other, &has_other);
    if (has_other) return "openssl.cnf names providers of its own";
    OSSL_LIB_CTX *source = OSSL_LIB_CTX_new();
    OSSL_LIB_CTX *slim = OSSL_LIB_CTX_new();
    if (source == NULL || slim == NULL) return "out of memory";
    origin = OSSL_PROVIDER_load(source, "default");
    if (origin == NULL) return "no default provider";
    for (size_t at = 0; at < OPERATIONS; at++) {
        const char *lack = offer(at);
        if (lack != NULL) return lack;
    }
    if (!replace(source)) return "the default provider lacks a function of an algorithm";
    if (!OSSL_PROVIDER_add_builtin(slim, "eig", start) || OSSL_PROVIDER_load(slim, "eig") == NULL) {
        return "the library refused the provider";
    }
    library = slim;
    return NULL;
}

static void build_once(void)
{
    ERR_set_mark();
    note = build();
    ERR_pop_to_mark();
}

OSSL_LIB_CTX *eig_library(void)
{
    pthread_once(&once, build_once);
    return library;
}

const char *eig_library_note(void)
{
    pthread_once(&once, build_once);
    return note;
}

EVP_PKEY *eig_library_key(EVP_PKEY *key)
{
    if (eig_library() == NULL) return EVP_PKEY_up_ref(key) ? key : NULL;
    OSSL_PARAM *numbers = NULL;
    EVP_PKEY *moved = NULL;
    if (!EVP_PKEY_todata(key, EVP_PKEY_KEYPAIR, &numbers)) return NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(library, EVP_PKEY_get0_type_name(key), NULL);
    if (context != NULL && EVP_PKEY_fromdata_init(context) > 0) {
        if (EVP_PKEY_fromdata(context, &moved, EVP_PKEY_KEYPAIR, numbers) <= 0) moved = NULL;
    }
    EVP_PKEY_CTX_free(context);
    for (OSSL_PARAM *one = numbers; one->key != NULL; one++) {
        if (one->data != NULL) OPENSSL_cleanse(one->data, one->data_size);
    }
    OSSL_PARAM_free(numbers);
    return moved;
}
