// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import TestKit
import Testing

/// Connections no check has seen: the emitter by itself.
@Suite("A connection nobody checked")
struct HostileConnectionTests {
    static func connection(_ seed: UInt64) -> Connection {
        var hostile = HostileValue(seed: seed &+ 1_000_000)
        let shapes = Shape.all.flatMap(\.connections)
        var connection = shapes[hostile.below(shapes.count)]
        for _ in 0...hostile.below(2) { change(&connection, &hostile) }
        return connection
    }

    private static func change(_ connection: inout Connection, _ hostile: inout HostileValue) {
        switch hostile.below(14) {
        case 0: connection.name.tunnel.name = hostile.mutation(of: connection.name.tunnel.name)
        case 1: connection.name.number = [0, -1, 256, 257, .max][hostile.below(5)]
        case 2: connection.local.id = identity(&hostile)
        case 3: connection.remote.id = identity(&hostile)
        case 4: connection.authentication = authentication(&hostile)
        case 5: connection.reqid = [0, -1, 1, 16_383, 16_384, .min][hostile.below(6)]
        case 6: connection.ikeLifetime = duration(&hostile)
        case 7: connection.espLifetime = duration(&hostile)
        case 8: connection.liveness = duration(&hostile)
        case 9: connection.retransmitTimeout = duration(&hostile)
        case 10:
            connection.remote.address = [.v4(0), .v4(1), .v6(high: 0, low: 0), .v6(high: 1, low: 1)][hostile.below(4)]
        case 11: connection.local.subnet = IPPrefix(.v6(high: 0, low: UInt64(hostile.below(9))))
        case 12:
            connection.esp =
                [
                    [], [ESPProposal(.aes256)], [ESPProposal(.aesGCM256, .sha1)],
                    [ESPProposal(.aes128, .sha256, group: .dh21)],
                    [ESPProposal(.aesGCM256), ESPProposal(.aesGCM128, group: .dh19)],
                    Array(repeating: ESPProposal(.aesGCM256), count: 9),
                ][hostile.below(6)]
        default: connection.ike = [[], Array(repeating: connection.ike[0], count: 9), connection.ike][hostile.below(3)]
        }
    }

    private static func identity(_ hostile: inout HostileValue) -> IKEIdentity {
        switch hostile.below(4) {
        case 0: .name(hostile.mutation(of: "vpn.acme.example"))
        case 1: .email(hostile.mutation(of: "vpn@acme.example"))
        case 2: .distinguishedName(hostile.mutation(of: "C=IN, O=Acme Ltd, CN=vpn.acme.example"))
        default: .address([.v4(0), .v4(7), .v6(high: 0, low: 0), .v6(high: 7, low: 7)][hostile.below(4)])
        }
    }

    private static func authentication(_ hostile: inout HostileValue) -> Connection.Authentication {
        hostile.isTrue(oneIn: 5)
            ? .sharedSecret
            : .certificate(
                nickname: hostile.mutation(of: "acme-0a1b2c"),
                authority: hostile.mutation(of: "C=IN, CN=Acme VPN CA")
            )
    }

    private static func duration(_ hostile: inout HostileValue) -> Duration {
        [
            .zero, .seconds(-1), .milliseconds(1500), .seconds(299), .seconds(300), .seconds(86_400), .seconds(86_401),
            .seconds(Int64.max),
        ][hostile.below(8)]
    }

    @Test("is refused, or reads back as it was: 2,400 of them", arguments: 0..<UInt64(24))
    func hundred(block: UInt64) throws {
        var counts = (refused: 0, written: 0)
        for seed in block * 100..<(block + 1) * 100 {
            let connection = Self.connection(seed)
            let version = Shape.versions[Int(seed % UInt64(Shape.versions.count))]
            do throws(EmissionFailure) {
                let text = try ConfigurationEmitter(version: version).text([connection])
                #expect((try? ConfigurationReader.read(text)) == [connection], "seed \(seed)")
                // Said here once more, for the reader and the emitter share what a name is.
                let written = String(decoding: text, as: UTF8.self)
                let isPlain = written.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { line in
                    line.wholeMatch(of: /conn [a-z][a-z0-9_]{0,40}|#[ -~]*|/) != nil
                        || line.wholeMatch(of: /\s{4}[a-z0-9-]+=("[A-Za-z0-9 ._@:()&+,;=\/%-]*"|[0-9]+)/) != nil
                }
                #expect(isPlain, "seed \(seed)\n\(written)")
                counts.written += 1
            } catch {
                // Reading back is the last net: the checks before it must have refused.
                if case .readBack(let why) = error { Issue.record("seed \(seed): \(why)") }
                counts.refused += 1
            }
        }
        #expect(counts.refused >= 20 && counts.written >= 5, "\(counts)")
    }

    @Test("with secrets: refused, or one line each that reads back: 1,200 of them", arguments: 0..<UInt64(12))
    func secrets(block: UInt64) throws {
        var counts = (refused: 0, written: 0)
        for seed in block * 100..<(block + 1) * 100 {
            var hostile = HostileValue(seed: seed &+ 2_000_000)
            let key = (0..<[0, 1, 32, 512, 513][hostile.below(5)]).map { _ in UInt8(hostile.below(256)) }
            let secret = SharedSecret(
                tunnel: Connection.sample().name.tunnel,
                local: Self.identity(&hostile),
                remote: Self.identity(&hostile),
                key: key
            )
            do throws(EmissionFailure) {
                let text = try ConfigurationEmitter(version: LibreswanVersion(4, 10)).secretsText([secret])
                #expect(text.count { $0 == 10 } == 2, "seed \(seed)")
                counts.written += 1
            } catch {
                if case .readBack(let why) = error { Issue.record("seed \(seed): \(why)") }
                counts.refused += 1
            }
        }
        #expect(counts.refused >= 20 && counts.written >= 1, "\(counts)")
    }

    @Test(
        "whose text is damaged byte by byte is refused, or means what it meant: 1,200 of them",
        arguments: 0..<UInt64(12)
    )
    func damaged(block: UInt64) throws {
        let connections = Shape.several
        let text = try ConfigurationEmitter(version: LibreswanVersion(4, 10)).text(connections)
        for seed in block * 100..<(block + 1) * 100 {
            var hostile = HostileValue(seed: seed &+ 3_000_000)
            var changed = text
            let start = hostile.below(changed.count)
            let end = min(start + hostile.below(12), changed.count)
            changed.replaceSubrange(start..<end, with: Array(hostile.piece().utf8))
            guard let read = try? ConfigurationReader.read(changed) else { continue }
            // What is still read is complete and ours: it could be written.
            #expect(throws: Never.self, "seed \(seed)") {
                try ConfigurationEmitter(version: LibreswanVersion(4, 10)).text(read)
            }
        }
    }
}
