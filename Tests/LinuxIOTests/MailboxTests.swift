// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@Suite("A mailbox")
struct MailboxTests {
    @Test("gives what was posted, in order, and then nothing")
    func order() throws {
        let box = try Mailbox<Int>(countMax: 10)
        for number in 0..<10 { #expect(box.post(number)) }
        #expect(box.drain() == Array(0..<10))
        #expect(box.drain() == [])
    }

    @Test("refuses what it has no room for, and takes more when it was drained")
    func bound() throws {
        let box = try Mailbox<Int>(countMax: 2)
        #expect(box.post(1) && box.post(2))
        #expect(!box.post(3))
        #expect(box.drain() == [1, 2])
        #expect(box.post(4))
        #expect(box.drain() == [4])
    }

    @Test("rings while something waits, and is silent after")
    func doorbell() throws {
        let box = try Mailbox<Int>(countMax: 10)
        #expect(throws: Errno.timedOut) { try box.doorbell.descriptor.wait(for: .readable, timeout: .zero) }
        _ = box.post(1)
        _ = box.post(2)
        try box.doorbell.descriptor.wait(for: .readable, timeout: .zero)
        #expect(box.drain() == [1, 2])
        #expect(throws: Errno.timedOut) { try box.doorbell.descriptor.wait(for: .readable, timeout: .zero) }
    }

    @Test("loses nothing between four threads that post and one that drains")
    func threads() throws {
        let box = try Mailbox<Int>(countMax: 64)
        let count = 5000
        for thread in 0..<4 {
            _ = try OwnedThread(name: "poster-\(thread)") {
                for number in 0..<count {
                    while !box.post(thread * count + number) { Clock.sleep(.microseconds(50)) }
                }
            }
        }
        var taken: [Int] = []
        while taken.count < 4 * count { taken += box.drain(timeout: .seconds(10)) }
        #expect(taken.sorted() == Array(0..<4 * count))
        // Each thread's own messages stay in order.
        for thread in 0..<4 {
            let own = taken.filter { $0 / count == thread }
            #expect(own == own.sorted())
        }
        #expect(box.drain() == [])
    }
}

@Suite("A thread")
struct OwnedThreadTests {
    @Test("has done its work when it is joined")
    func join() throws {
        let box = try Mailbox<Int>(countMax: 1)
        let thread = try OwnedThread(name: "a name longer than fifteen bytes") { _ = box.post(7) }
        thread.join()
        #expect(box.drain() == [7])
    }
}

@Suite("The clocks")
struct ClockTests {
    @Test("never go back, and sleeping takes the time it was asked to")
    func monotonic() {
        var last = Clock.monotonic()
        for _ in 0..<1000 {
            let now = Clock.monotonic()
            #expect(now >= last)
            last = now
        }
        Clock.sleep(.milliseconds(2))
        #expect(Clock.monotonic() - last >= .milliseconds(2))
        Clock.sleep(.seconds(-5))
    }

    @Test("know that it is later than when this was written")
    func wall() {
        #expect(Clock.wall().seconds > 1_760_000_000)
        #expect(Clock.wall().nanoseconds < 1_000_000_000)
    }
}

@Suite("Random numbers")
struct RandomTests {
    @Test("are as many as asked for, and not twice the same")
    func bytes() {
        for count in [0, 1, 7, 32, 1000] { #expect(Random.bytes(count).count == count) }
        #expect(Random.bytes(16) != Random.bytes(16))
        #expect(Random.uint64() != Random.uint64())
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(Random.unit()) })
    }
}
