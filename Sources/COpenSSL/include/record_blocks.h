/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORD_BLOCKS_H
#define RECORD_BLOCKS_H

/*
 * Has each thread keep two of the blocks that the library holds one record in, for the next record. To be called before
 * anything else of the library: later nothing changes, and each record's block comes from malloc.
 */
void eig_keep_record_blocks(void);

#endif
