// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The part of OpenSSL that every session uses: only the algorithms TLS needs, so that nothing is searched for long.
package enum TLSLibrary {
    /// Nothing is the process's default library context.
    static var context: OpaquePointer? { unsafe eig_library() }

    /// Has each thread keep the blocks of its last records for its next ones: a twentieth less of a request.
    ///
    /// To be called first, before anything else of this module; later it does nothing.
    package static func keepRecordBlocks() { eig_keep_record_blocks() }

    /// Why the whole default provider serves instead, which costs a third more CPU per handshake and nothing else.
    package static var note: String? { unsafe eig_library_note().map { unsafe String(cString: $0) } }
}
