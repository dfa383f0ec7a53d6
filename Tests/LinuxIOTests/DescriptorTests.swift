// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@Suite("An owned descriptor")
struct DescriptorTests {
    @Test("would block while there is nothing, and ends when the last writer is gone")
    func pipe() throws {
        var pipe = try HeldPipe()
        #expect(try pipe.reader.read(10).0 == .wouldBlock)
        #expect(try pipe.writer?.write([1, 2, 3]) == .sent(byteCount: 3))
        #expect(try pipe.reader.read(2) == (.received(byteCount: 2), [1, 2]))
        #expect(try pipe.reader.read(10) == (.received(byteCount: 1), [3]))
        var second = try pipe.writer.map { Held(try $0.descriptor.duplicate()) }
        pipe.writer = nil
        #expect(try pipe.reader.read(10).0 == .wouldBlock)
        #expect(try second?.write([4]) == .sent(byteCount: 1))
        second = nil
        #expect(try pipe.reader.readAll() == [4])
        #expect(try pipe.reader.read(10).0 == .endOfStream)
    }

    @Test("waits no longer than it was told")
    func wait() throws {
        let pipe = try HeldPipe()
        #expect(throws: Errno.timedOut) { try pipe.reader.wait(for: .readable, timeout: .milliseconds(1)) }
        try pipe.writer?.wait(for: .writable, timeout: .zero)
    }

    @Test("writes all of it, however little the other side takes at once", arguments: [false, true])
    func writeAll(isNonBlocking: Bool) throws {
        var pipe = try HeldPipe()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let thread = try OwnedThread(name: "writer") { [writer = pipe.writer] in
            do {
                if isNonBlocking { try writer?.descriptor.setNonBlocking() }
                try writer?.descriptor.writeAll(bytes.span)
            } catch {
                Issue.record("\(error)")
            }
        }
        pipe.writer = nil
        #expect(try pipe.reader.readAll() == bytes)
        thread.join()
    }

    @Test("says that the reader has gone, and the process lives on")
    func brokenPipe() throws {
        // The other end is let go of at once.
        let near = try Held.pair().near
        var failure: Errno?
        for _ in 0..<1000 where failure == nil {
            do throws(Errno) {
                _ = try near.send([1, 2, 3])
                Clock.sleep(.milliseconds(1))
            } catch {
                failure = error
            }
        }
        let text = "\(try #require(failure))"
        #expect(text == "Broken pipe" || text == "Connection reset by peer")
    }

    @Test("traps rather than own what was never opened")
    func traps() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = OwnedDescriptor(adopting: -1)
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("never opened"))
    }
}

@Suite("An errno")
struct ErrnoTests {
    @Test("speaks as the C library does")
    func text() {
        #expect("\(Errno.noEntry)" == "No such file or directory")
        #expect("\(Errno.connectionRefused)" == "Connection refused")
        #expect("\(Errno(rawValue: 99_999))".contains("99999"))
    }
}
