/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast Swift does not import: these bind a copy of the bytes. */
int eig_sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text, int byte_count);
int eig_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int byte_count);

#endif
