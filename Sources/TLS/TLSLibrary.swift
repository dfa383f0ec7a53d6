// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The part of OpenSSL that every session uses: only the algorithms TLS needs, so that nothing is searched for long.
package enum TLSLibrary {
    /// Nothing is the process's default library context.
    static var context: OpaquePointer? { unsafe eig_library() }

    /// Why the whole default provider serves instead, which costs a third more CPU per handshake and nothing else.
    package static var note: String? { unsafe eig_library_note().map { unsafe String(cString: $0) } }
}
