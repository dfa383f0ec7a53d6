// SPDX-License-Identifier: Apache-2.0

/// The methods this gateway passes on (RFC 9110 §9, RFC 5789).
///
/// OPTIONS, CONNECT and TRACE are refused with 405, any other token with 501.
package enum Method: UInt8, CaseIterable, Hashable, Sendable {
    case get
    case head
    case post
    case put
    case patch
    case delete

    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        }
    }

    /// The method spelled exactly so; names are case-sensitive (RFC 9110 §9.1).
    package init?(name: String) {
        for method in Self.allCases where "\(method.name)" == name {
            self = method
            return
        }
        return nil
    }

    /// GET and HEAD: asking again changes nothing (RFC 9110 §9.2.1).
    package var isSafe: Bool { self == .get || self == .head }
}
