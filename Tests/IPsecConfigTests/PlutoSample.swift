// SPDX-License-Identifier: Apache-2.0
import Foundation
import IPsecConfig

/// What Libreswan 4.10 wrote in each situation, in the folder `Pluto`.
enum PlutoSample {
    private static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Pluto")
    }

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    static func lines(_ name: String) throws -> [PlutoLogLine] {
        String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n").compactMap { PlutoLogLine($0) }
    }

    static let names: [String] =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()) ?? []

    static let name = ConnectionName("p_acme_t1_s1")!

    /// `--status` of one connection with both SAs: what 4.10 prints with ESP in the kernel.
    static func up(ike: Int, child: Int, old: Int? = nil) -> [UInt8] {
        var text = """
            000 "p_acme_t1_s1": 10.20.0.0/24===198.51.100.10[@gw.edge.example]...203.0.113.7[@vpn.acme.example]\
            ===172.16.5.0/24; erouted; eroute owner: #\(child)
            000 "p_acme_t1_s1":     oriented; my_ip=unset; their_ip=unset; my_updown=<disabled>;
            000 "p_acme_t1_s1":   newest IKE SA: #\(ike); newest IPsec SA: #\(child); conn serial: $1;
            000 Total IPsec connections: loaded 1, active 1
            000 #\(ike): "p_acme_t1_s1":500 STATE_V2_ESTABLISHED_IKE_SA (established IKE SA); REKEY in 27456s; \
            REPLACE in 28087s; newest; idle;
            000 #\(child): "p_acme_t1_s1":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); LIVENESS in 5s; \
            REKEY in 1375s; REPLACE in 2114s; newest; eroute owner; IKE SA #\(ike); idle;
            000 #\(child): "p_acme_t1_s1" esp.ce558142@203.0.113.7 esp.d86be82c@198.51.100.10 Traffic: ESPin=29KB \
            ESPout=55KB ESPmax=2^63B

            """
        if let old {
            text += """
                000 #\(old): "p_acme_t1_s1":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); REKEY in 2s; \
                REPLACE in 20s; IKE SA #\(ike); idle;

                """
        }
        return Array(text.utf8)
    }

    static func traffic(_ serial: Int, addedAt: Int, in bytesIn: Int, out bytesOut: Int) -> [UInt8] {
        Array(
            """
            006 #\(serial): "p_acme_t1_s1", type=ESP, add_time=\(addedAt), inBytes=\(bytesIn), outBytes=\(bytesOut), \
            maxBytes=2^63B, id='@vpn.acme.example'

            """.utf8
        )
    }

    /// As version 5 prints it: without numbers.
    static func withoutNumbers(_ bytes: [UInt8]) -> [UInt8] {
        Array(
            String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("00") ? $0.dropFirst(4) : $0 }.joined(separator: "\n").utf8
        )
    }
}
