/* SPDX-License-Identifier: Apache-2.0 */
#include "verification.h"

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <time.h>

#include "slim_provider.h"

/* What the context keeps for its verifier. */
typedef struct {
    void *owner;
    void (*release)(void *owner);
} eig_ownership;

static int place = -1;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static EVP_MD *sha256;

static void end_ownership(void *ctx, void *pointer, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)ctx, (void)data, (void)index, (void)number, (void)argument;
    eig_ownership *ownership = pointer;
    if (ownership == NULL) return;
    ownership->release(ownership->owner);
    OPENSSL_free(ownership);
}

static void prepare(void)
{
    sha256 = EVP_MD_fetch(eig_library(), "SHA2-256", NULL);
    place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, end_ownership);
}

int eig_ctx_set_verifier(SSL_CTX *ctx, eig_verifier verifier, void *owner, void (*release)(void *owner))
{
    if (!CRYPTO_THREAD_run_once(&once, prepare) || place < 0 || sha256 == NULL) return 0;
    eig_ownership *ownership = OPENSSL_malloc(sizeof *ownership);
    if (ownership == NULL) return 0;
    ownership->owner = owner;
    ownership->release = release;
    if (!SSL_CTX_set_ex_data(ctx, place, ownership)) {
        OPENSSL_free(ownership);
        return 0;
    }
    SSL_CTX_set_cert_verify_callback(ctx, verifier, owner);
    return 1;
}

static int add(EVP_MD_CTX *digest, X509 *certificate)
{
    unsigned char *der = NULL;
    int count = i2d_X509(certificate, &der);
    if (count <= 0) return 0;
    int is_added = EVP_DigestUpdate(digest, der, (size_t)count);
    OPENSSL_free(der);
    return is_added;
}

int eig_presented_sha256(X509_STORE_CTX *store, uint8_t digest[32])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return 0;
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    STACK_OF(X509) *above = X509_STORE_CTX_get0_untrusted(store);
    int is_whole = leaf != NULL && EVP_DigestInit_ex(context, sha256, NULL) && add(context, leaf);
    /* The library gives the leaf again, as the first of what the peer sent. */
    int first = sk_X509_num(above) > 0 && sk_X509_value(above, 0) == leaf;
    for (int at = first; is_whole && at < sk_X509_num(above); at++) is_whole = add(context, sk_X509_value(above, at));
    is_whole = is_whole && EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    return is_whole;
}

void eig_share_presented(X509_STORE_CTX *store, X509 *known)
{
    STACK_OF(X509) *presented = X509_STORE_CTX_get0_untrusted(store);
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    if (sk_X509_num(presented) < 1 || sk_X509_value(presented, 0) != leaf) return;
    while (sk_X509_num(presented) > 1) X509_free(sk_X509_pop(presented));
    if (leaf == known || !X509_up_ref(known)) return;
    X509_STORE_CTX_set_cert(store, known);
    (void)sk_X509_set(presented, 0, known);
    X509_free(leaf);
}

int64_t eig_verification_time(X509_STORE_CTX *store)
{
    X509_VERIFY_PARAM *wanted = X509_STORE_CTX_get0_param(store);
    int is_told = (X509_VERIFY_PARAM_get_flags(wanted) & X509_V_FLAG_USE_CHECK_TIME) != 0;
    return is_told ? X509_VERIFY_PARAM_get_time(wanted) : time(NULL);
}

int eig_chain_count(X509_STORE_CTX *store)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
    return chain == NULL ? 0 : sk_X509_num(chain);
}

X509 *eig_chain_at(X509_STORE_CTX *store, int index) { return sk_X509_value(X509_STORE_CTX_get0_chain(store), index); }
