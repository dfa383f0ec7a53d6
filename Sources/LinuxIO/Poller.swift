// SPDX-License-Identifier: Apache-2.0
package import Base
internal import CLinux
internal import Glibc

/// What a descriptor became ready for.
///
/// Not an option set: a set written as a literal is built by unspecialised code, 2,500 instructions for each.
package struct Readiness: Hashable, Sendable {
    private let events: UInt32

    init(events: UInt32) { self.events = events }

    package static var readable: Readiness { Readiness(events: UInt32(CLINUX_EPOLLIN)) }
    package static var writable: Readiness { Readiness(events: UInt32(CLINUX_EPOLLOUT)) }

    /// A read will not wait: there are bytes, the stream's end, or an error.
    package var isReadable: Bool {
        events & UInt32(CLINUX_EPOLLIN | CLINUX_EPOLLRDHUP | CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0
    }

    /// A write will not wait: there is room, or an error.
    package var isWritable: Bool { events & UInt32(CLINUX_EPOLLOUT | CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0 }

    /// The peer will send no more.
    package var isPeerClosing: Bool { events & UInt32(CLINUX_EPOLLRDHUP | CLINUX_EPOLLHUP) != 0 }

    /// The connection was reset, or nobody acknowledges: what was sent last is lost.
    package var isBroken: Bool { events & UInt32(CLINUX_EPOLLERR) != 0 }
}

/// One epoll(7) instance and its event array; one thread uses it.
@safe package struct Poller: ~Copyable {
    private let epoll: CInt
    private let events: UnsafeMutablePointer<clinux_event>
    private let eventCountMax: Int

    /// - Parameter eventCountMax: the most events one ``wait(timeout:_:)`` gives.
    package init(eventCountMax: Int = 512) throws(Errno) {
        let epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw Errno.current }
        self.epoll = epoll
        self.eventCountMax = eventCountMax
        unsafe events = .allocate(capacity: eventCountMax)
        unsafe events.initialize(repeating: clinux_event(events: 0, token: 0), count: eventCountMax)
    }

    /// One that waits until there is a descriptor for it: for a thread that has nobody to tell.
    ///
    /// A socket for operators that gave up could not be asked why.
    package static func awaited(eventCountMax: Int) -> Poller {
        while true {
            do {
                return try Poller(eventCountMax: eventCountMax)
            } catch {
                Clock.sleep(.milliseconds(100))
            }
        }
    }

    deinit {
        unsafe events.deallocate()
        _ = Glibc.close(epoll)
    }

    /// Watches both directions, edge-triggered, for the descriptor's whole life: no later call is needed.
    package borrowing func addEdge(_ descriptor: borrowing OwnedDescriptor, token: UInt64) throws(Errno) {
        let mask = UInt32(CLINUX_EPOLLIN | CLINUX_EPOLLOUT | CLINUX_EPOLLRDHUP) | (1 << 31)
        try add(descriptor, mask, token)
    }

    /// Watches a listening socket or doorbell for input, level-triggered.
    ///
    /// - Parameter isShared: several threads watch the same listening socket; wake one (EPOLLEXCLUSIVE).
    package borrowing func addInput(
        _ descriptor: borrowing OwnedDescriptor,
        token: UInt64,
        isShared: Bool = false
    ) throws(Errno) {
        try add(descriptor, UInt32(CLINUX_EPOLLIN) | (isShared ? 1 << 28 : 0), token)
    }

    private borrowing func add(_ descriptor: borrowing OwnedDescriptor, _ mask: UInt32, _ token: UInt64) throws(Errno) {
        guard clinux_epoll_add(epoll, descriptor.rawValue, mask, token) == 0 else {
            throw Errno.current.orTrap("epoll_ctl")
        }
    }

    package borrowing func remove(_ descriptor: borrowing OwnedDescriptor) {
        _ = clinux_epoll_remove(epoll, descriptor.rawValue)
    }

    /// Waits until something is ready or it is `instant`, then returns how many events there are.
    ///
    /// - Parameter now: the time; the wait is rounded up to milliseconds.
    package mutating func wait(until instant: MonotonicInstant, now: MonotonicInstant) -> Int {
        guard instant > now else { return wait(milliseconds: 0) }
        return wait(milliseconds: CInt(clamping: (instant.nanoseconds - now.nanoseconds - 1) / 1_000_000 + 1))
    }

    /// Waits until something is ready or `timeout` has passed, then returns how many events there are.
    ///
    /// - Parameter timeout: rounded up to milliseconds; nothing waits for ever.
    package mutating func wait(timeout: Duration?) -> Int {
        guard let timeout else { return wait(milliseconds: -1) }
        return wait(milliseconds: CInt(clamping: max(0, (timeout.nanosecondsClamped + 999_999) / 1_000_000)))
    }

    private mutating func wait(milliseconds: CInt) -> Int {
        // SAFETY: the array holds eventCountMax events.
        return unsafe Self.count(clinux_epoll_wait(epoll, events, CInt(eventCountMax), milliseconds))
    }

    /// Waits like ``wait(timeout:)``, to the nanosecond instead of to the millisecond; see ``Clock/sharpenTimers()``.
    package mutating func waitPrecisely(timeout: Duration) -> Int {
        let nanoseconds = max(0, timeout.nanosecondsClamped)
        // SAFETY: the array holds eventCountMax events.
        return unsafe Self.count(clinux_epoll_wait_ns(epoll, events, CInt(eventCountMax), nanoseconds))
    }

    /// What a wait came to; call it on the next line.
    @inline(__always)
    private static func count(_ result: CInt) -> Int {
        if result >= 0 { return Int(result) }
        let error = Errno.current
        invariant(error.rawValue == EINTR, "epoll_wait: \(error)")
        return 0
    }

    /// The event at `index` of the last ``wait(timeout:)``.
    @inline(__always)
    package func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
        invariant(index < eventCountMax, "no such event")
        let event = unsafe events[index]
        return (event.token, Readiness(events: event.events))
    }
}
