/* SPDX-License-Identifier: Apache-2.0 */
#include "CTOML.h"

// Header-only, so that programs need no library at run time; errors are values.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32

// Assertions stay on in every build, and are never promises to the optimiser: toml++ 3.3 asserts that a table
// header begins with a character of a key, and then handles the header that does not (`[.a]`, `[é]`).
#undef NDEBUG
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_cast<void>(0)

#include <toml++/toml.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

struct ctoml_document {
    toml::table root;
    std::vector<ctoml_node> nodes;
    bool failed = false;
    std::string message;
    uint32_t line = 0, column = 0;

    void fail(std::string why, const toml::source_position &at) {
        if (failed) return;
        failed = true;
        message = std::move(why);
        line = at.line;
        column = at.column;
        nodes.clear();
    }
};

namespace {

void set_date(ctoml_node &out, const toml::date &date) {
    out.year = date.year;
    out.month = date.month;
    out.day = date.day;
}

void set_time(ctoml_node &out, const toml::time &time) {
    out.hour = time.hour;
    out.minute = time.minute;
    out.second = time.second;
    out.nanosecond = time.nanosecond;
}

void set_value(ctoml_node &out, const toml::node &node) {
    if (const auto *text = node.as_string()) {
        out.kind = CTOML_STRING;
        out.text = text->get().data();
        out.text_length = text->get().size();
    } else if (const auto *integer = node.as_integer()) {
        out.kind = CTOML_INTEGER;
        out.integer = integer->get();
    } else if (const auto *real = node.as_floating_point()) {
        out.kind = CTOML_REAL;
        out.real = real->get();
    } else if (const auto *boolean = node.as_boolean()) {
        out.kind = CTOML_BOOLEAN;
        out.integer = boolean->get() ? 1 : 0;
    } else if (const auto *date = node.as_date()) {
        out.kind = CTOML_DATE;
        set_date(out, date->get());
    } else if (const auto *time = node.as_time()) {
        out.kind = CTOML_TIME;
        set_time(out, time->get());
    } else if (const auto *instant = node.as_date_time()) {
        out.kind = CTOML_DATE_TIME;
        set_date(out, instant->get().date);
        set_time(out, instant->get().time);
        out.has_offset = instant->get().offset.has_value();
        out.offset_minutes = out.has_offset ? instant->get().offset->minutes : 0;
    }
}

void flatten(ctoml_document &document, const toml::key *key, const toml::node &node, int depth) {
    ctoml_node out{};
    const auto at = node.source().begin;
    out.line = at.line;
    out.column = at.column;
    if (key) {
        out.key = key->str().data();
        out.key_length = key->str().size();
        out.key_line = key->source().begin.line;
        out.key_column = key->source().begin.column;
    }
    if (depth > CTOML_DEPTH_MAX) return document.fail("tables and arrays are nested too deeply", at);
    if (const auto *table = node.as_table()) {
        out.kind = CTOML_TABLE;
        out.child_count = static_cast<uint32_t>(table->size());
        document.nodes.push_back(out);
        // The library sorts by name; a reader of the file expects the order in which it was written.
        std::vector<std::pair<const toml::key *, const toml::node *>> children;
        for (auto it = table->cbegin(); it != table->cend(); ++it) children.emplace_back(&it->first, &it->second);
        std::stable_sort(children.begin(), children.end(), [](const auto &left, const auto &right) {
            return left.first->source().begin < right.first->source().begin;
        });
        for (const auto &child : children) flatten(document, child.first, *child.second, depth + 1);
    } else if (const auto *array = node.as_array()) {
        out.kind = CTOML_ARRAY;
        out.child_count = static_cast<uint32_t>(array->size());
        document.nodes.push_back(out);
        for (const auto &child : *array) flatten(document, nullptr, child, depth + 1);
    } else {
        set_value(out, node);
        document.nodes.push_back(out);
    }
}

}  // namespace

extern "C" ctoml_document *ctoml_parse(const char *text, size_t length) {
    auto *document = new (std::nothrow) ctoml_document;
    if (!document) return nullptr;
    toml::parse_result result = toml::parse(std::string_view(text, length));
    if (!result) {
        document->fail(std::string(result.error().description()), result.error().source().begin);
        return document;
    }
    document->root = std::move(result).table();
    flatten(*document, nullptr, document->root, 0);
    if (document->failed) document->nodes.clear();
    return document;
}

extern "C" void ctoml_free(ctoml_document *document) { delete document; }

extern "C" const char *ctoml_error_message(const ctoml_document *document) {
    return document->failed ? document->message.c_str() : nullptr;
}

extern "C" uint32_t ctoml_error_line(const ctoml_document *document) { return document->line; }
extern "C" uint32_t ctoml_error_column(const ctoml_document *document) { return document->column; }
extern "C" size_t ctoml_node_count(const ctoml_document *document) { return document->nodes.size(); }
extern "C" const ctoml_node *ctoml_nodes(const ctoml_document *document) { return document->nodes.data(); }
