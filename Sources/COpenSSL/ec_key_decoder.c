/* SPDX-License-Identifier: Apache-2.0 */
#include "ec_key_decoder.h"

#include <openssl/bio.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

/*
 * Decoding the key of a certificate makes its curve anew, with two modular inversions: about a sixth of the time a
 * signature takes to verify. Clients come back with the same certificates, so the keys seen last are kept, each
 * decoded by the library, and a copy is given out for the same bytes. What a key is worth is decided elsewhere.
 */

enum { SETS = 1024, WAYS = 4, DER_MAX = 160, FUNCTIONS_MAX = 16 };

typedef struct {
    uint64_t used_at;
    size_t count;
    uint8_t der[DER_MAX];
    void *key;
} eig_slot;

/* Room for a thousand partners' keys, old and new; some 3 kB for each that is kept. */
static eig_slot slots[SETS][WAYS];
static uint64_t uses;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

OSSL_DISPATCH eig_ec_decoder_functions[FUNCTIONS_MAX];
static OSSL_FUNC_decoder_decode_fn *origin_decode;
static OSSL_FUNC_keymgmt_dup_fn *copy_key;
static OSSL_FUNC_keymgmt_free_fn *free_key;
static OSSL_FUNC_BIO_read_ex_fn *core_read;
static OSSL_FUNC_BIO_ctrl_fn *core_control;

/* A public key is its point and the name of its curve, and nothing else. */
static const int public_key = OSSL_KEYMGMT_SELECT_PUBLIC_KEY | OSSL_KEYMGMT_SELECT_ALL_PARAMETERS;

static int decode(
    void *context,
    OSSL_CORE_BIO *input,
    int selection,
    OSSL_CALLBACK *take,
    void *taker,
    OSSL_PASSPHRASE_CALLBACK *ask,
    void *asked);

int eig_ec_decoder_prepare(const OSSL_ALGORITHM *decoder, const OSSL_ALGORITHM *keys)
{
    size_t count = 0;
    for (const OSSL_DISPATCH *one = decoder->implementation; one->function_id != 0; one++) {
        if (count == FUNCTIONS_MAX - 1) return 0;
        eig_ec_decoder_functions[count] = *one;
        if (one->function_id == OSSL_FUNC_DECODER_DECODE) {
            origin_decode = OSSL_FUNC_decoder_decode(one);
            eig_ec_decoder_functions[count].function = (void (*)(void))decode;
        }
        count++;
    }
    for (const OSSL_DISPATCH *one = keys->implementation; one->function_id != 0; one++) {
        if (one->function_id == OSSL_FUNC_KEYMGMT_DUP) copy_key = OSSL_FUNC_keymgmt_dup(one);
        if (one->function_id == OSSL_FUNC_KEYMGMT_FREE) free_key = OSSL_FUNC_keymgmt_free(one);
    }
    return origin_decode != NULL && copy_key != NULL && free_key != NULL;
}

int eig_ec_decoder_start(const OSSL_DISPATCH *core)
{
    for (; core->function_id != 0; core++) {
        if (core->function_id == OSSL_FUNC_BIO_READ_EX) core_read = OSSL_FUNC_BIO_read_ex(core);
        if (core->function_id == OSSL_FUNC_BIO_CTRL) core_control = OSSL_FUNC_BIO_ctrl(core);
    }
    return core_read != NULL && core_control != NULL;
}

static int read_all(OSSL_CORE_BIO *input, uint8_t *bytes, size_t count)
{
    while (count > 0) {
        size_t step = 0;
        if (!core_read(input, bytes, count, &step) || step == 0) return 0;
        bytes += step;
        count -= step;
    }
    return 1;
}

/* Reads one sequence (X.690 §8.9) of at most DER_MAX bytes, and nothing behind it; its length, or 0. */
static size_t read_sequence(OSSL_CORE_BIO *input, uint8_t der[DER_MAX])
{
    size_t count = 2;
    if (!read_all(input, der, count) || der[0] != 0x30) return 0;
    size_t length = der[1];
    if (length == 0x81) {
        if (!read_all(input, der + count, 1)) return 0;
        length = der[count++];
    } else if (length > 0x7f) {
        return 0;
    }
    if (length > DER_MAX - count || !read_all(input, der + count, length)) return 0;
    return count + length;
}

/*
 * Where the key of these bytes is, or where it would be kept: in place of the one of its set that was used longest ago.
 * The last bytes are the point's, and as good as random.
 */
static eig_slot *slot_for(const uint8_t *der, size_t count, int *is_known)
{
    eig_slot *set = slots[(der[count - 1] | (size_t)der[count - 2] << 8) % SETS];
    eig_slot *oldest = set;
    *is_known = 0;
    for (eig_slot *slot = set; slot < set + WAYS; slot++) {
        if (slot->key != NULL && slot->count == count && memcmp(slot->der, der, count) == 0) {
            *is_known = 1;
            return slot;
        }
        if (slot->used_at < oldest->used_at) oldest = slot;
    }
    return oldest;
}

static void *known_key(const uint8_t *der, size_t count)
{
    int is_known = 0;
    void *key = NULL;
    pthread_mutex_lock(&lock);
    eig_slot *slot = slot_for(der, count, &is_known);
    if (is_known) {
        slot->used_at = ++uses;
        key = copy_key(slot->key, public_key);
    }
    pthread_mutex_unlock(&lock);
    return key;
}

static void keep(const uint8_t *der, size_t count, void *key)
{
    int is_known = 0;
    pthread_mutex_lock(&lock);
    eig_slot *slot = slot_for(der, count, &is_known);
    void *former = slot->key;
    slot->used_at = ++uses;
    slot->key = key;
    slot->count = count;
    memcpy(slot->der, der, count);
    pthread_mutex_unlock(&lock);
    free_key(former);
}

/* What the library decoded is copied on its way to whom it is for. */
typedef struct {
    const uint8_t *der;
    size_t count;
    OSSL_CALLBACK *take;
    void *taker;
} eig_passage;

static int pass(const OSSL_PARAM given[], void *argument)
{
    eig_passage *passage = argument;
    const OSSL_PARAM *type = OSSL_PARAM_locate_const(given, OSSL_OBJECT_PARAM_DATA_TYPE);
    const OSSL_PARAM *reference = OSSL_PARAM_locate_const(given, OSSL_OBJECT_PARAM_REFERENCE);
    /* An SM2 key comes in the same form, and is another kind of object. */
    int is_ec = type != NULL && type->data_type == OSSL_PARAM_UTF8_STRING && strcmp(type->data, "EC") == 0;
    if (is_ec && reference != NULL && reference->data_size == sizeof(void *)) {
        void *copy = copy_key(*(void **)reference->data, public_key);
        if (copy != NULL) keep(passage->der, passage->count, copy);
    }
    return passage->take(given, passage->taker);
}

static int give(void *key, OSSL_CALLBACK *take, void *taker)
{
    int type = OSSL_OBJECT_PKEY;
    OSSL_PARAM given[] = {
        OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, (char *)"EC", 0),
        /* The taker empties it when it keeps the key. */
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &key, sizeof key),
        OSSL_PARAM_construct_end(),
    };
    int is_taken = take(given, taker);
    free_key(key);
    return is_taken;
}

static int decode(
    void *context,
    OSSL_CORE_BIO *input,
    int selection,
    OSSL_CALLBACK *take,
    void *taker,
    OSSL_PASSPHRASE_CALLBACK *ask,
    void *asked)
{
    if (selection != public_key) return origin_decode(context, input, selection, take, taker, ask, asked);
    uint8_t der[DER_MAX];
    long start = core_control(input, BIO_C_FILE_TELL, 0, NULL);
    size_t count = start < 0 ? 0 : read_sequence(input, der);
    if (count > 0) {
        void *key = known_key(der, count);
        if (key != NULL) return give(key, take, taker);
    }
    if (start >= 0 && core_control(input, BIO_C_FILE_SEEK, start, NULL) < 0) return 0;
    if (count == 0) return origin_decode(context, input, selection, take, taker, ask, asked);
    eig_passage passage = {der, count, take, taker};
    return origin_decode(context, input, selection, pass, &passage, ask, asked);
}
