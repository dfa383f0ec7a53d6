// SPDX-License-Identifier: Apache-2.0

/// A page of metrics in the Prometheus text format, version 0.0.4: each name once, with its help, type and samples.
package struct MetricsPage {
    package typealias Labels = [(name: String, value: String)]
    package typealias Sample = (labels: Labels, value: Double)
    /// How many of each bucket, not added up, the last one without a bound; and the sum of all.
    package typealias Distribution = (labels: Labels, counts: [Int], sum: Double)

    package private(set) var text = ""

    package init() {}

    /// What only rises while the program runs; its name ends in `_total`.
    package mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) {
        begin(name, help, "counter")
        for sample in samples { add(name, sample.labels, Self.number(sample.value)) }
    }

    package mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
        begin(name, help, "gauge")
        for sample in samples { add(name, sample.labels, Self.number(sample.value)) }
    }

    /// A gauge without labels.
    package mutating func gauge(_ name: String, _ help: String, _ value: Double) { gauge(name, help, [([], value)]) }

    package mutating func gauge(_ name: String, _ help: String, _ isTrue: Bool) { gauge(name, help, isTrue ? 1 : 0) }

    /// A counter without labels.
    package mutating func counter(_ name: String, _ help: String, _ value: Int) {
        counter(name, help, [([], Double(value))])
    }

    /// - Parameter bounds: the buckets' upper bounds, rising, in the unit the name ends in.
    package mutating func histogram(
        _ name: String,
        _ help: String,
        bounds: [Double],
        _ distributions: [Distribution]
    ) {
        begin(name, help, "histogram")
        for (labels, counts, sum) in distributions {
            var total = 0
            for (bound, count) in zip(bounds, counts) {
                total += count
                add(name + "_bucket", labels + [("le", Self.number(bound))], String(total))
            }
            total += counts.dropFirst(bounds.count).reduce(0, +)
            add(name + "_bucket", labels + [("le", "+Inf")], String(total))
            add(name + "_sum", labels, Self.number(sum))
            add(name + "_count", labels, String(total))
        }
    }

    /// The page as an answer.
    package var response: ControlResponse {
        .text(text, contentType: "text/plain; version=0.0.4; charset=utf-8")
    }

    private mutating func begin(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func add(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        var separator = "{"
        for label in labels {
            text += "\(separator)\(label.name)=\"\(Self.escaped(label.value))\""
            separator = ","
        }
        text += labels.isEmpty ? " \(value)\n" : "} \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escaped(_ value: String) -> String {
        // By scalars: a line feed that belongs to a character ends a line all the same.
        guard value.unicodeScalars.contains(where: { $0 == "\\" || $0 == "\"" || $0 == "\n" }) else { return value }
        var result = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": result.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
