// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A protocol version this program speaks; older ones are never offered or taken.
package enum TLSVersion: String, Hashable, Sendable {
    case tls12 = "TLSv1.2"
    case tls13 = "TLSv1.3"

    var number: CInt {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}
