// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// An `errno` value, captured on the line after the call that set it (errno(3)).
package struct Errno: Error, Hashable, Sendable {
    package let rawValue: CInt

    package init(rawValue: CInt) { self.rawValue = rawValue }

    package static var current: Errno { Errno(rawValue: errno) }

    package static let addressInUse = Errno(rawValue: EADDRINUSE)
    package static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    package static let noEntry = Errno(rawValue: ENOENT)
    package static let accessDenied = Errno(rawValue: EACCES)
    package static let tooManyFiles = Errno(rawValue: EMFILE)
    package static let noSpace = Errno(rawValue: ENOSPC)
    /// Two file systems, or a mount point on the way: nothing can change its place in one step.
    package static let crossDevice = Errno(rawValue: EXDEV)
    package static let busy = Errno(rawValue: EBUSY)
    package static let timedOut = Errno(rawValue: ETIMEDOUT)
    package static let exists = Errno(rawValue: EEXIST)
    package static let fileTooLarge = Errno(rawValue: EFBIG)
    package static let readOnly = Errno(rawValue: EROFS)

    /// The volume, the user's share of it or the file can take no more.
    package var isNoRoom: Bool { rawValue == ENOSPC || rawValue == EDQUOT || rawValue == EFBIG }

    /// Traps on what only a bug of ours can cause; gives the value back otherwise.
    ///
    /// - Precondition: not EBADF, EFAULT or ENOTSOCK.
    func orTrap(_ call: StaticString) -> Errno {
        invariant(rawValue != EBADF && rawValue != EFAULT && rawValue != ENOTSOCK, "\(call): \(self)")
        return self
    }
}

extension Errno: CustomStringConvertible {
    /// The C library's text, such as `No such file or directory`.
    package var description: String {
        var text = [CChar](repeating: 0, count: 128)
        // SAFETY: writes at most 128 bytes, terminated.
        unsafe text.withUnsafeMutableBufferPointer { unsafe clinux_error_text(rawValue, $0.baseAddress!, $0.count) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
