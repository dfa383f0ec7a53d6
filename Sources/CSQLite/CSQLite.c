/* SPDX-License-Identifier: Apache-2.0 */
#include "CSQLite.h"

int eig_sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text, int byte_count)
{
    return sqlite3_bind_text(statement, index, text ? text : "", byte_count, SQLITE_TRANSIENT);
}

int eig_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int byte_count)
{
    /* A null pointer would bind NULL; an empty blob is a value of its own. */
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", byte_count, SQLITE_TRANSIENT);
}
