// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Answers, counted by the class of their status (RFC 9110 §15).
final class StatusClassCounter: Sendable {
    /// What a label says of each class, by ``index(of:)``; `none` is a request cut before its answer began.
    static let names = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"]

    private let counts: InlineArray<6, Atomic<Int>> = InlineArray { _ in Atomic(0) }

    func count(status: Int) { counts[Self.index(of: status)].wrappingAdd(1, ordering: .relaxed) }

    /// 0 for what is no status.
    static func index(of status: Int) -> Int { (100..<600).contains(status) ? status / 100 : 0 }

    var reading: [Int] { (0..<6).map { counts[$0].load(ordering: .relaxed) } }
}
