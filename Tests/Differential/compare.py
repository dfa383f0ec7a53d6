# SPDX-License-Identifier: Apache-2.0
"""What two readers of the same bytes may differ in, and why: everything else is a finding."""

#: Our reason to refuse what somebody else takes, and the section that lets us, or tells us to. Sections without a number
#: before them are of RFC 9112. docs/RFCs.md has the whole list of where we are stricter.
STRICTER = {
    "bare_lf": "§2.2: a recipient may take a bare LF for a line's end; two that differ in it are smuggled past",
    "bare_cr": "§2.2: a bare CR is invalid, or a space; we do not guess",
    "control_octet": "RFC 9110 §5.5: control characters in a value are dangerous; invalid, or replaced",
    "non_ascii_octet": "RFC 9110 §5.5: values are US-ASCII; obs-text has no meaning",
    "whitespace_before_start_line": "§2.2: only empty lines may come before the request line",
    "whitespace_before_first_field": "§2.2: reject, or skip the lines; we reject",
    "empty_lines_first": "§2.2: at least one empty line should be ignored; we ignore one",
    "field_line_too_long": "RFC 9110 §5.4: a limit of ours, 8 KiB",
    "start_line_too_long": "§3: a limit of ours, 8 KiB",
    "head_too_large": "RFC 9110 §5.4: a limit of ours, 32 KiB",
    "too_many_fields": "RFC 9110 §5.4: a limit of ours, 64",
    "request_line_whitespace": "§3: one space each; lenient parsing has security consequences",
    "request_line_malformed": "§3: method, target and version, or 400",
    "version_missing": "§2.3: HTTP/0.9 is not spoken",
    "version_malformed": "§2.3: HTTP-version is case-sensitive, one digit each",
    "version_unsupported": "RFC 9110 §15.6.6: HTTP/1.1 only, 505 otherwise",
    "http2_preface": "RFC 9113 §3.4: HTTP/2 is not spoken",
    "method_not_token": "RFC 9110 §9.1: a method is a token",
    "method_unknown": "RFC 9110 §15.6.2: 501 for a method we do not know",
    "method_not_allowed": "RFC 9110 §9.3.6 to §9.3.8: OPTIONS, CONNECT and TRACE are not for partners",
    "target_absolute_form": "§3.2.2: two places for one authority",
    "target_asterisk_form": "§3.2.4: for OPTIONS alone",
    "target_not_origin_form": "§3.2.1: a target begins with a slash",
    "target_double_slash_first": "RFC 3986 §4.2: reads as an authority elsewhere",
    "target_fragment": "§3.2.1: a fragment is not sent",
    "target_character": "RFC 3986 §3.3: not a character of a path or a query",
    "target_percent_encoding": "RFC 3986 §2.1: % and two hexadecimal digits",
    "target_encoded_nul": "RFC 3986 §7.3: backends end a path there",
    "target_encoded_control": "RFC 3986 §7.3: a line end, once decoded",
    "target_encoded_slash": "RFC 3986 §2.2: another path, once decoded",
    "target_dot_segment": "RFC 3986 §6.2.2.3: another path, once removed",
    "field_without_colon": "§5: name, colon, value",
    "field_name_empty": "§5.1: a name has a character",
    "field_name_whitespace": "§5.1: no whitespace before the colon; 400",
    "field_name_not_token": "RFC 9110 §5.1: a name is a token",
    "field_name_character": "RFC 3875 §4.1.18: `_` and `-` are the same to some backends",
    "field_folded": "§5.2: a folded line, 400",
    "field_repeated": "RFC 9110 §5.3: a field that is no list, twice",
    "connection_malformed": "RFC 9110 §7.6.1: a list of tokens",
    "connection_names_protected_field": "RFC 9110 §7.6.1: a field that is for the whole way",
    "expectation_unknown": "RFC 9110 §10.1.1: 417 for what is not 100-continue",
    "upgrade_requested": "RFC 9110 §7.8: an upgrade may be ignored; nobody may tunnel",
    "host_missing": "§3.2: 400 without Host",
    "host_repeated": "§3.2: 400 with two",
    "host_empty": "RFC 9110 §4.2.1: an http URI has a host",
    "host_userinfo": "RFC 9110 §4.2.4: userinfo misleads",
    "host_malformed": "§3.2: 400 for an invalid value",
    "host_port": "RFC 3986 §3.2.3: a port is digits; ours from 1 to 65535",
    "content_length_and_transfer_encoding": "§6.1: both may be smuggling",
    "content_length_repeated": "§6.3: 400, equal or not",
    "content_length_malformed": "RFC 9110 §8.6: digits, and nothing else",
    "content_length_too_large": "RFC 9110 §8.6: beware of overflow",
    "transfer_encoding_repeated": "§6.1: chunked once",
    "transfer_encoding_malformed": "§6.1: a list of codings",
    "transfer_encoding_parameters": "§7: chunked has no parameters",
    "transfer_encoding_chunked_twice": "§6.1: chunked once",
    "transfer_encoding_chunked_not_last": "§6.3: 400 when chunked is not last",
    "transfer_coding_unknown": "§6.1: 501 for a coding we do not know",
    "body_too_large": "RFC 9110 §15.5.14: a limit of ours",
    "chunk_size_malformed": "§7.1: hexadecimal digits",
    "chunk_size_whitespace": "§7.1: no whitespace in it",
    "chunk_size_too_long": "§7.1: beware of overflow; eight digits",
    "chunk_extension": "§7.1.1: unknown ones may be ignored; they have hidden requests",
    "chunk_not_terminated": "§7.1: CRLF behind the content",
    "trailer_too_large": "§7.1.2: a limit of ours",
    "trailer_forbidden": "RFC 9110 §6.5.1: fields that frame, route or identify are no trailers",
}


def differs(ours, theirs):
    """Nothing where both understood the same, else a pair: what kind of difference, and what decides it."""
    shared = 0
    for own, other in zip(ours.messages, theirs.messages):
        if own != other:
            return "another message", f"{own} beside {other}"
        shared += 1
    if len(theirs.messages) > shared:
        if ours.end == "refused":
            return "stricter", ours.why
        return "they go on", f"where we are {ours.end}"
    if len(ours.messages) > shared:
        return "laxer", f"{theirs.end} {theirs.why}".strip()
    if ours.end == "refused" and theirs.end != "refused":
        return "stricter", ours.why
    if theirs.end == "refused" and ours.end != "refused":
        return "laxer", f"{theirs.end} {theirs.why}".strip()
    return None
