// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

@testable import Engine

@Suite("Sockets that are open, and a file that names them or others")
struct ListenDifferenceTests {
    private let listener: Listener

    init() throws {
        let socket = try Sockets.listen(IPEndpoint(address: .v4(0x7f00_0001), port: 0))
        guard let endpoint = Sockets.localEndpoint(socket) else { throw Errno.noEntry }
        listener = Listener(use: 0, endpoint: endpoint, descriptor: socket)
    }

    private func lines(_ wanted: [IPEndpoint]) -> [String] {
        let place = ListenDifference.Place(
            key: "jumpd.toml [gate] listen",
            unit: "jumpd.socket",
            service: "jumpd",
            wanted: wanted
        )
        return ListenDifference([(place, [listener])]).lines
    }

    @Test("agree in silence, whatever the order and however often")
    func same() {
        #expect(lines([listener.endpoint, listener.endpoint]) == [])
    }

    @Test("differ in one line that names both, and the mend of each")
    func differ() throws {
        let wanted = try #require(IPEndpoint("[2001:db8::1]:9443"))
        #expect(
            lines([wanted]) == [
                "jumpd.toml [gate] listen and the sockets of jumpd.socket differ: [2001:db8::1]:9443 is in the file and "
                    + "not listened on, \(listener.endpoint) is listened on and not in the file; if the file is right: "
                    + "eigctl setup --yes, then systemctl restart jumpd.socket jumpd; if the sockets are: mend the file, "
                    + "then systemctl reload jumpd"
            ]
        )
        #expect(lines([listener.endpoint, wanted]).map { $0.contains("not in the file") } == [false])
        #expect(lines([]).map { $0.contains("not listened on") } == [false])
    }
}
