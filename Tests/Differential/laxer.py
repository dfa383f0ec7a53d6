# SPDX-License-Identifier: Apache-2.0
"""Where another refuses, or ends a connection, and we need not: each with the reason, and no wider than the reason."""

import re

EVERYBODY = ("h11", "haproxy", "nginx")


def explained(subject, case, ours, theirs, kind):
    """Why, or nothing: then it is a finding."""
    # One that hides a message and does not say so is never explained.
    if kind != "laxer" or theirs.end != "refused":
        return None
    for subjects, applies, why in _REASONS:
        if subject in subjects and applies(case.data, ours, theirs):
            return why
    return None


def _waits(data, ours, theirs):
    return ours.end == "incomplete" and ours.messages == theirs.messages


def _begins_with_empty_line(data, ours, theirs):
    # Before the first request, or behind one without a body.
    return data.startswith(b"\r\n") or b"\r\n\r\n\r\n" in data


def _repeats_a_list(data, ours, theirs):
    return len(re.findall(rb"^If-Match:", data, flags=re.MULTILINE | re.IGNORECASE)) > 1


def _has_a_tab_around_a_value(data, ours, theirs):
    return re.search(rb":[ \t]*\t|\t[ \t]*\r?\n", data)


def _has_a_host_with_a_dot_first(data, ours, theirs):
    return re.search(rb"host:[ \t]*\.", data, flags=re.IGNORECASE)


_REASONS = [
    (EVERYBODY, _waits, "a line that is not whole yet; we took nothing of it, and wait for its end"),
    (("h11",), _begins_with_empty_line, "one empty line before a request, which §2.2 would have ignored"),
    (("nginx",), _has_a_tab_around_a_value, "a tab as whitespace around a value, which RFC 9110 §5.6.3 allows"),
    (("nginx",), _has_a_host_with_a_dot_first,
     "a host that begins with a dot: a reg-name (RFC 3986 §3.2.2); eigd answers 421, as to all that are not its own"),
    (("nginx",), _repeats_a_list, "a list in two fields of one name, RFC 9110 §5.3 and §13.1.1"),
]
