// SPDX-License-Identifier: Apache-2.0
internal import Base

/// One line of pluto's log that is about one of our connections.
package struct PlutoLogLine: Hashable, Sendable {
    package var connection: ConnectionName
    /// pluto's number of the SA it is about; nothing when it is about the connection.
    package var serial: Int?
    package var text: String

    /// - Parameter line: with or without the time of a log file or the number of `whack`; nothing for a line that is
    ///   not about one of ours.
    package init?(_ line: some StringProtocol) {
        let line = String(decoding: line.utf8.prefix(PlutoReport.lineBytesMax), as: UTF8.self)
        // Before the name stands nothing, a number, a time, or a time and `ERROR: `.
        guard let start = line.firstIndex(of: "\""), line[..<start].utf8.count <= 64,
            let (nameText, rest) = PlutoReport.quoted(line[start...]), let name = ConnectionName(nameText)
        else { return nil }
        guard let colon = rest.firstRange(of: ": ") else { return nil }
        connection = name
        serial = rest[..<colon.lowerBound].firstIndex(of: "#").flatMap {
            Int(rest[rest.index(after: $0)..<colon.lowerBound].prefix { $0.isASCII && $0.isNumber })
        }
        text = TunnelFailure.printable(String(rest[colon.upperBound...]), 2000)
    }

    /// What failed, if the line tells of a failure.
    package var failure: TunnelFailure? { TunnelFailure(log: text) }
}
