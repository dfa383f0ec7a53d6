/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CLinux.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(CLINUX_HASH_BYTES >= CRYPT_OUTPUT_SIZE, "a hash does not fit");
_Static_assert(CLINUX_HASH_BYTES >= CRYPT_GENSALT_OUTPUT_SIZE, "a setting does not fit");

int clinux_crypt(const char *phrase, const char *setting, char *hash) {
    /* 32 KiB: too much for a thread's stack. */
    struct crypt_data *scratch = calloc(1, sizeof *scratch);
    if (!scratch) return -1;
    const char *made = crypt_rn(phrase, setting, scratch, sizeof *scratch);
    if (made) strcpy(hash, made);
    explicit_bzero(scratch, sizeof *scratch);
    free(scratch);
    return made ? 0 : -1;
}

int clinux_crypt_setting(const char *scheme, char *setting) {
    return crypt_gensalt_rn(scheme, 0, NULL, 0, setting, CLINUX_HASH_BYTES) ? 0 : -1;
}
