// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// A pipe whose reading end does not block; both ends are close-on-exec (pipe(2)).
package struct Pipe: ~Copyable {
    package let reader: OwnedDescriptor
    package let writer: OwnedDescriptor

    package init() throws(Errno) {
        var ends: [CInt] = [0, 0]
        let status = unsafe ends.withUnsafeMutableBufferPointer { unsafe Glibc.pipe($0.baseAddress!) }
        guard status == 0 else { throw Errno.current }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        invariant(clinux_set_nonblocking(ends[0]) == 0, "a fresh pipe refused O_NONBLOCK")
        reader = OwnedDescriptor(adopting: ends[0])
        writer = OwnedDescriptor(adopting: ends[1])
    }

    /// Closes the writing end here: the reader sees end of stream when every other holder is gone.
    package consuming func keepReader() -> OwnedDescriptor { reader }
}
