// SPDX-License-Identifier: Apache-2.0
package import Base

/// One tracked connection, as its first packet went.
package struct Flow: Hashable, Sendable, CustomStringConvertible {
    package var source: IPAddress
    package var destination: IPAddress
    /// 6 is TCP, 17 UDP.
    package var transport: UInt8
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    package var mark: UInt32

    package init(
        source: IPAddress,
        destination: IPAddress,
        transport: UInt8,
        sourcePort: UInt16,
        destinationPort: UInt16,
        mark: UInt32
    ) {
        self.source = source
        self.destination = destination
        self.transport = transport
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.mark = mark
    }

    package var description: String {
        "\(IPEndpoint(address: source, port: sourcePort)) -> \(IPEndpoint(address: destination, port: destinationPort))"
    }
}

/// The kernel's table of connections: a socket in production, a model of it in tests.
package protocol FlowTable: ~Copyable {
    /// The connections that carry `mark`, or every one that carries a mark.
    mutating func flows(marked mark: UInt32?) throws(NetfilterFailure) -> [Flow]
    /// Aborts the local ends of TCP connections: the program that holds one gets an error, its peer a reset.
    ///
    /// - Returns: how many there were; 0 where the kernel cannot.
    mutating func abort(_ flows: [Flow]) throws(NetfilterFailure) -> Int
    /// Forgets connections; those already gone do not matter.
    ///
    /// - Returns: how many were there.
    mutating func forget(_ flows: [Flow]) throws(NetfilterFailure) -> Int
}
