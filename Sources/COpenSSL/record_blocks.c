/* SPDX-License-Identifier: Apache-2.0 */
#include "record_blocks.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>

/*
 * A session takes a block of 16 KiB for each record that it reads or writes, and gives it back with the record's last
 * byte (SSL_MODE_RELEASE_BUFFERS): else an idle connection would hold two. malloc has its short way for blocks of up to
 * 1 KiB only; one of this size costs 500 instructions, taken and freed.
 */

enum { KEPT_MAX = 2, BYTES_LEAST = 16 << 10, BYTES_MOST = 20 << 10 };

typedef struct {
    void *blocks[KEPT_MAX];
    int count;
    int is_announced; /* to the key below, whose destructor frees them with the thread */
} kept_blocks;

static _Thread_local kept_blocks kept;
static pthread_key_t key;

static void free_kept(void *blocks)
{
    kept_blocks *mine = blocks;
    while (mine->count > 0) free(mine->blocks[--mine->count]);
    mine->is_announced = 0;
}

static void *take(size_t byte_count, const char *file, int line)
{
    (void)file, (void)line;
    if (byte_count >= BYTES_LEAST && kept.count > 0 && malloc_usable_size(kept.blocks[kept.count - 1]) >= byte_count) {
        return kept.blocks[--kept.count];
    }
    return byte_count == 0 ? NULL : malloc(byte_count);
}

static void give_back(void *block, const char *file, int line)
{
    (void)file, (void)line;
    if (kept.count < KEPT_MAX && block != NULL) {
        size_t room = malloc_usable_size(block);
        if (room >= BYTES_LEAST && room <= BYTES_MOST) {
            if (!kept.is_announced) kept.is_announced = pthread_setspecific(key, &kept) == 0;
            if (kept.is_announced) {
                kept.blocks[kept.count++] = block;
                return;
            }
        }
    }
    free(block);
}

static void *resize(void *block, size_t byte_count, const char *file, int line)
{
    (void)file, (void)line;
    return realloc(block, byte_count);
}

void eig_keep_record_blocks(void)
{
    if (pthread_key_create(&key, free_kept) != 0) return;
    if (!CRYPTO_set_mem_functions(take, resize, give_back)) pthread_key_delete(key);
}
