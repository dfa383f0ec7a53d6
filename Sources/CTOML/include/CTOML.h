/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTOML_H
#define CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a node is. */
enum {
    CTOML_TABLE = 1,
    CTOML_ARRAY = 2,
    CTOML_STRING = 3,
    CTOML_INTEGER = 4,
    CTOML_REAL = 5,
    CTOML_BOOLEAN = 6,
    CTOML_DATE = 7,
    CTOML_TIME = 8,
    CTOML_DATE_TIME = 9,
};

/* Tables and arrays may not be nested deeper than this. */
enum { CTOML_DEPTH_MAX = 32 };

/*
 * One value. Nodes are in preorder: a table or an array is followed by its `child_count` children, each followed by
 * its own. Pointers live as long as the document. Lines and columns count from 1; columns count code points.
 */
typedef struct {
    int32_t kind;
    uint32_t child_count;
    uint32_t line, column;
    uint32_t key_line, key_column; /* 0 outside tables */
    const char *key;               /* NULL outside tables; not terminated */
    size_t key_length;
    const char *text; /* CTOML_STRING; not terminated */
    size_t text_length;
    int64_t integer; /* CTOML_INTEGER, and CTOML_BOOLEAN as 0 or 1 */
    double real;     /* CTOML_REAL */
    int32_t year, month, day;
    int32_t hour, minute, second;
    uint32_t nanosecond;
    bool has_offset;
    int32_t offset_minutes;
} ctoml_node;

typedef struct ctoml_document ctoml_document;

/* Never NULL unless memory is exhausted; ask ctoml_error_message whether it is a document or an error. */
ctoml_document *ctoml_parse(const char *text, size_t length);
void ctoml_free(ctoml_document *document);

/* NULL when the text is well-formed. */
const char *ctoml_error_message(const ctoml_document *document);
uint32_t ctoml_error_line(const ctoml_document *document);
uint32_t ctoml_error_column(const ctoml_document *document);

/* The first node is the root table; 0 nodes after an error. */
size_t ctoml_node_count(const ctoml_document *document);
const ctoml_node *ctoml_nodes(const ctoml_document *document);

#ifdef __cplusplus
}
#endif
#endif
