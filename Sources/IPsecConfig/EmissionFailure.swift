// SPDX-License-Identifier: Apache-2.0

/// Why a connection or a secret was not written: a bug or an attempt, for the checks before let it through.
package enum EmissionFailure: Error, Hashable, Sendable {
    /// The value of one keyword is outside what may be written.
    case value(of: String, keyword: String, why: String)
    /// Two connections of one text share their name or their reqid.
    case twice(String)
    /// The secret of one tunnel cannot be written.
    case secret(of: TunnelID, why: String)
    /// Neither major version 4 nor 5.
    case unknownVersion(LibreswanVersion)
    /// What was written does not read back as what was meant.
    case readBack(String)
}

extension EmissionFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .value(let name, let keyword, let why): "connection \(name): `\(keyword)` \(why)"
        case .twice(let what): "\(what) is there twice"
        case .secret(let tunnel, let why): "the secret of tunnel \(tunnel) \(why)"
        case .unknownVersion(let version):
            "Libreswan \(version) is not known: install version 4 or 5, or an edge that knows this one"
        case .readBack(let why): "the text written for Libreswan does not read back as meant: \(why)"
        }
    }
}
