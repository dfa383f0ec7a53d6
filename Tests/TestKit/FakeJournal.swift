// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A datagram socket where a journal would be.
package final class FakeJournal {
    package let path: String
    private var descriptor: CInt

    package struct Failure: Error {
        package let errno: CInt
    }

    package init(_ path: String = "/tmp/eig-journal-\(getpid())-\(UInt64.random(in: 0...(.max)))") throws {
        self.path = path
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let number = descriptor
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw Failure(errno: errno) }
    }

    deinit {
        close()
        _ = unsafe unlink(path)
    }

    package func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    /// The next entry, or nothing when none waits.
    package func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        let count = unsafe recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
        return count >= 0 ? Array(buffer.prefix(count)) : nil
    }
}
