// SPDX-License-Identifier: Apache-2.0

/// Why a message was refused.
///
/// The raw values are stable: they are logged, counted, and asked for by `eigctl why`.
package enum RefusalReason: String, CaseIterable, Hashable, Sendable {
    // Lines.
    case bareLineFeed = "bare_lf"
    case bareCarriageReturn = "bare_cr"
    case controlOctet = "control_octet"
    case nonASCIIOctet = "non_ascii_octet"
    case whitespaceBeforeStartLine = "whitespace_before_start_line"
    case whitespaceBeforeFirstField = "whitespace_before_first_field"
    case emptyLinesFirst = "empty_lines_first"
    case headTruncated = "head_truncated"
    case startLineTooLong = "start_line_too_long"
    case fieldLineTooLong = "field_line_too_long"
    case headTooLarge = "head_too_large"
    case tooManyFields = "too_many_fields"

    // Request line.
    case requestLineWhitespace = "request_line_whitespace"
    case requestLineMalformed = "request_line_malformed"
    case versionMissing = "version_missing"
    case versionMalformed = "version_malformed"
    case versionUnsupported = "version_unsupported"
    case http2Preface = "http2_preface"
    case methodNotToken = "method_not_token"
    case methodUnknown = "method_unknown"
    case methodNotAllowed = "method_not_allowed"

    // Target.
    case targetAbsoluteForm = "target_absolute_form"
    case targetAsteriskForm = "target_asterisk_form"
    case targetNotOriginForm = "target_not_origin_form"
    case targetDoubleSlashFirst = "target_double_slash_first"
    case targetFragment = "target_fragment"
    case targetCharacter = "target_character"
    case targetPercentEncoding = "target_percent_encoding"
    case targetEncodedNUL = "target_encoded_nul"
    case targetEncodedControl = "target_encoded_control"
    case targetEncodedSlash = "target_encoded_slash"
    case targetDotSegment = "target_dot_segment"

    // Fields.
    case fieldWithoutColon = "field_without_colon"
    case fieldNameEmpty = "field_name_empty"
    case fieldNameWhitespace = "field_name_whitespace"
    case fieldNameNotToken = "field_name_not_token"
    /// A token, but outside `[A-Za-z0-9-]`: `_` and its like are read as `-` by some backends.
    case fieldNameCharacter = "field_name_character"
    case fieldFolded = "field_folded"
    case fieldRepeated = "field_repeated"
    case connectionMalformed = "connection_malformed"
    case connectionNamesProtectedField = "connection_names_protected_field"
    case expectationUnknown = "expectation_unknown"
    case upgradeRequested = "upgrade_requested"

    // Host.
    case hostMissing = "host_missing"
    case hostRepeated = "host_repeated"
    case hostEmpty = "host_empty"
    case hostUserinfo = "host_userinfo"
    case hostMalformed = "host_malformed"
    case hostPort = "host_port"

    // Framing.
    case contentLengthAndTransferEncoding = "content_length_and_transfer_encoding"
    case contentLengthRepeated = "content_length_repeated"
    case contentLengthMalformed = "content_length_malformed"
    case contentLengthTooLarge = "content_length_too_large"
    case transferEncodingRepeated = "transfer_encoding_repeated"
    case transferEncodingMalformed = "transfer_encoding_malformed"
    case transferEncodingParameters = "transfer_encoding_parameters"
    case transferEncodingChunkedTwice = "transfer_encoding_chunked_twice"
    case transferEncodingChunkedNotLast = "transfer_encoding_chunked_not_last"
    case transferCodingUnknown = "transfer_coding_unknown"
    case bodyTooLarge = "body_too_large"
    case bodyTruncated = "body_truncated"

    // Chunks.
    case chunkSizeMalformed = "chunk_size_malformed"
    case chunkSizeWhitespace = "chunk_size_whitespace"
    case chunkSizeTooLong = "chunk_size_too_long"
    case chunkExtension = "chunk_extension"
    case chunkNotTerminated = "chunk_not_terminated"
    case trailerTooLarge = "trailer_too_large"
    case trailerForbidden = "trailer_forbidden"

    // Responses.
    case statusLineMalformed = "status_line_malformed"
    case statusOutOfRange = "status_out_of_range"
    case switchedProtocols = "switched_protocols"
    case tooManyInterimResponses = "too_many_interim_responses"
    case bodyNotAllowed = "body_not_allowed"

    /// The status a client is answered with before the connection closes.
    package var status: Int {
        switch self {
        case .startLineTooLong: 414
        case .fieldLineTooLong, .headTooLarge, .tooManyFields: 431
        case .versionUnsupported: 505
        case .methodNotAllowed: 405
        case .methodUnknown, .transferCodingUnknown: 501
        case .expectationUnknown: 417
        case .bodyTooLarge: 413
        default: 400
        }
    }
}
