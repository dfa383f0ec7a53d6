/* SPDX-License-Identifier: Apache-2.0 */
#include "gcm_nonce.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

/*
 * OpenSSL 3.0 asks the cipher for the length of its nonce at each record, and the cipher looks for each of the ten
 * answers it knows in the question. Here that one answer never changes, so it is given at once. The cipher is the
 * library's.
 */

enum { FUNCTIONS_MAX = 32, NONCE_BYTES = 12 };

static OSSL_DISPATCH functions[2][FUNCTIONS_MAX];
static OSSL_FUNC_cipher_get_ctx_params_fn *origin_get;
static OSSL_FUNC_cipher_set_ctx_params_fn *origin_set;

/* Whether it names the nonce's length; strcmp's call costs more than this does. */
static int is_length(const char *key)
{
    return key[0] == 'i' && key[1] == 'v' && strcmp(key, OSSL_CIPHER_PARAM_IVLEN) == 0;
}

static int get(void *context, OSSL_PARAM wanted[])
{
    int is_all = wanted != NULL && wanted[0].key != NULL && wanted[1].key == NULL;
    return is_all && is_length(wanted[0].key) ? OSSL_PARAM_set_size_t(wanted, NONCE_BYTES) : origin_get(context, wanted);
}

static int set(void *context, const OSSL_PARAM given[])
{
    for (const OSSL_PARAM *one = given; one != NULL && one->key != NULL; one++) {
        size_t length = 0;
        if (!is_length(one->key)) continue;
        if (!OSSL_PARAM_get_size_t(one, &length) || length != NONCE_BYTES) return 0;
    }
    return origin_set(context, given);
}

static int copy(OSSL_DISPATCH *to, const OSSL_DISPATCH *from)
{
    OSSL_FUNC_cipher_get_ctx_params_fn *getter = NULL;
    OSSL_FUNC_cipher_set_ctx_params_fn *setter = NULL;
    for (size_t at = 0; from[at].function_id != 0; at++) {
        if (at == FUNCTIONS_MAX - 1) return 0;
        to[at] = from[at];
        if (from[at].function_id == OSSL_FUNC_CIPHER_GET_CTX_PARAMS) {
            getter = OSSL_FUNC_cipher_get_ctx_params(&from[at]);
            to[at].function = (void (*)(void))get;
        }
        if (from[at].function_id == OSSL_FUNC_CIPHER_SET_CTX_PARAMS) {
            setter = OSSL_FUNC_cipher_set_ctx_params(&from[at]);
            to[at].function = (void (*)(void))set;
        }
    }
    if (origin_get == NULL) origin_get = getter;
    if (origin_set == NULL) origin_set = setter;
    return getter != NULL && setter != NULL && getter == origin_get && setter == origin_set;
}

int eig_gcm_prepare(OSSL_ALGORITHM *with_128_bits, OSSL_ALGORITHM *with_256_bits)
{
    if (!copy(functions[0], with_128_bits->implementation)) return 0;
    if (!copy(functions[1], with_256_bits->implementation)) return 0;
    with_128_bits->implementation = functions[0];
    with_256_bits->implementation = functions[1];
    return 1;
}
