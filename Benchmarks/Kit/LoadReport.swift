// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What one run of the load generator measured, as one line of JSON.
package struct LoadReport: Sendable {
    package let mode: LoadMode
    package var requests = 0
    /// Every answer that was right, warm-up included: what the server's access log must have a line for.
    package var answers = 0
    /// Opened in all, warm-up included.
    package var connections = 0
    /// Of the counted requests: on connections that went on from an earlier one.
    package var resumed = 0
    package var failures = 0
    package var firstFailure: String?
    package var nanoseconds: UInt64 = 0
    package var latency = LatencyHistogram()
    package var watchedNanoseconds: UInt64?
    package var watchedResidentBytes: (before: Int, after: Int)?
    package var ownNanoseconds: UInt64 = 0

    package init(mode: LoadMode) { self.mode = mode }

    package var isSuccess: Bool { failures == 0 && requests > 0 }

    package mutating func fail(_ why: String) {
        failures += 1
        if firstFailure == nil { firstFailure = why }
    }

    package var json: String {
        let seconds = Double(nanoseconds) / 1e9
        let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]
        let latencies =
            shares.map { (name: $0.0, value: latency.nanoseconds(atShare: $0.1)) } + [(name: "max", value: latency.max)]
        let resident = watchedResidentBytes.map { #"{"before":\#($0.before),"after":\#($0.after)}"# }
        let fields: [(name: String, value: String)] = [
            ("mode", Self.quoted(mode.rawValue)),
            ("requests", "\(requests)"),
            ("answers", "\(answers)"),
            ("connections", "\(connections)"),
            ("resumed", "\(resumed)"),
            ("failures", "\(failures)"),
            ("firstFailure", firstFailure.map(Self.quoted) ?? "null"),
            ("seconds", Self.decimal(seconds)),
            ("requestsPerSecond", Self.decimal(seconds > 0 ? Double(requests) / seconds : 0)),
            ("latencyNanoseconds", "{\(latencies.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ","))}"),
            ("watchedNanoseconds", watchedNanoseconds.map { "\($0)" } ?? "null"),
            ("watchedResidentBytes", resident ?? "null"),
            ("ownNanoseconds", "\(ownNanoseconds)"),
        ]
        return "{\(fields.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ","))}"
    }

    /// Three digits behind the point.
    private static func decimal(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter(ByteBuffer())
        writer.field("", text)
        // The text between the object's braces, behind the empty name.
        return String(decoding: writer.finish().array.dropFirst(4).dropLast(), as: UTF8.self)
    }
}
