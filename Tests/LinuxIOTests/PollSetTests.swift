// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@Suite("A set of descriptors to wait for")
struct PollSetTests {
    @Test("says which is ready, and nothing of those that were not named")
    func readiness() throws {
        let quiet = try Pipe()
        let busy = try Pipe()
        try busy.writer.writeAll([1, 2, 3].span)
        var set = PollSet()
        let first = quiet.reader.enlist(in: &set, for: .reading)
        let second = busy.reader.enlist(in: &set, for: .reading)
        let third = busy.writer.enlist(in: &set, for: .both)
        try set.wait(timeout: .seconds(5))
        #expect(!set.isReadable(first))
        #expect(set.isReadable(second) && !set.isWritable(second))
        #expect(set.isWritable(third) && !set.isGone(third))
        #expect(!set.isReadable(nil) && !set.isWritable(nil) && !set.isGone(nil))
    }

    @Test("gives up when nothing happens in time")
    func timeout() throws {
        let pipe = try Pipe()
        var set = PollSet()
        let index = pipe.reader.enlist(in: &set, for: .reading)
        let startedAt = Clock.monotonic()
        try set.wait(timeout: .milliseconds(20))
        #expect(Clock.monotonic() - startedAt >= .milliseconds(20))
        #expect(!set.isReadable(index))
    }

    @Test("says that nobody reads a pipe any more, whatever is asked of it")
    func gone() throws {
        let writer = try Self.orphan()
        var set = PollSet()
        let index = writer.enlist(in: &set, for: .end)
        try set.wait(timeout: .seconds(5))
        #expect(set.isGone(index))
    }

    /// The writing end of a pipe that nobody reads.
    private static func orphan() throws -> OwnedDescriptor { try Pipe().writer.duplicate() }

    @Test("finds a regular file ready at once")
    func file() throws {
        let file = try FileStore.open("/proc/self/status")
        var set = PollSet()
        let index = file.enlist(in: &set, for: .reading)
        try set.wait(timeout: .seconds(5))
        #expect(set.isReadable(index))
    }
}
