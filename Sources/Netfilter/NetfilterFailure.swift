// SPDX-License-Identifier: Apache-2.0

/// Why the kernel refused, and which part of what it was given.
package struct NetfilterFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// `errno` of a system call or of a netlink answer.
        case system(Int32)
        /// The ruleset changed between reading and writing: read again, compare again.
        case stale
        /// A dump was interrupted by a change, more often than we care to try.
        case unsteady
        /// The kernel sent what we cannot read.
        case malformed
    }

    package let reason: Reason
    /// What was being done, in words: `add 203.0.113.7 . 8443 to p4`.
    package let subject: String
    /// The place in the batch of the change that was refused.
    package let changeIndex: Int?

    package init(_ reason: Reason, subject: String, changeIndex: Int? = nil) {
        self.reason = reason
        self.subject = subject
        self.changeIndex = changeIndex
    }

    package var description: String { "\(subject): \(cause)" }

    private var cause: String {
        switch reason {
        case .system(1): "not permitted (another socket owns the table, or CAP_NET_ADMIN is missing)"
        case .system(2): "no such table, set or element"
        case .system(11): "no answer from the kernel"
        case .system(12): "out of memory"
        case .system(13): "permission denied"
        case .system(16): "in use"
        case .system(17): "exists already"
        case .system(22): "invalid"
        case .system(39): "overlaps another entry"
        case .system(95): "not supported by this kernel"
        case .system(105): "the netlink buffer ran over"
        case .system(let number): "errno \(number)"
        case .stale: "the ruleset changed meanwhile"
        case .unsteady: "the ruleset kept changing while it was read"
        case .malformed: "the kernel's answer cannot be read"
        }
    }
}
