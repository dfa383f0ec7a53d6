// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Partners
import Testing

@Suite("A connection read back from pluto")
struct ConnectionReadbackTests {
    /// As version 4.10 printed it.
    static let status = """
        000 "p_acme_t1_s1": 10.20.0.0/24===198.51.100.10[@gw.edge.example]...203.0.113.7[@vpn.acme.example]===172.16.5.0/24; prospective erouted; eroute owner: #0
        000 "p_acme_t1_s1":     oriented; my_ip=unset; their_ip=unset; my_updown=<disabled>;
        000 "p_acme_t1_s1":   xauth us:none, xauth them:none,  my_username=[any]; their_username=[any]
        000 "p_acme_t1_s1":   our auth:secret, their auth:secret, our autheap:none, their autheap:none;
        000 "p_acme_t1_s1":   ike_life: 28800s; ipsec_life: 3600s; ipsec_max_bytes: 2^63B; ipsec_max_packets: 2^63; replay_window: 256; rekey_margin: 540s; rekey_fuzz: 100%; keyingtries: 0;
        000 "p_acme_t1_s1":   policy: IKEv2+PSK+ENCRYPT+TUNNEL+PFS+ESN_NO+ESN_YES;
        000 "p_acme_t1_s1":   our idtype: ID_FQDN; our id=@gw.edge.example; their idtype: ID_FQDN; their id=@vpn.acme.example
        000 "p_acme_t1_s1":   newest IKE SA: #0; newest IPsec SA: #0; conn serial: $1;
        000 "p_acme_t1_s1":   IKE algorithms: AES_GCM_16_256-HMAC_SHA2_512-DH20, AES_CBC_256-HMAC_SHA2_256-DH19
        000 "p_acme_t1_s1":   ESP algorithms: AES_GCM_16_256-NONE, AES_CBC_256-HMAC_SHA2_512_256

        """

    static let wanted = Connection(
        name: ConnectionName("p_acme_t1_s1")!,
        local: .init(
            address: IPAddress("198.51.100.10")!,
            id: .name("gw.edge.example"),
            subnet: IPPrefix("10.20.0.0/24")!
        ),
        remote: .init(
            address: IPAddress("203.0.113.7")!,
            id: .name("vpn.acme.example"),
            subnet: IPPrefix("172.16.5.0/24")!
        ),
        authentication: .sharedSecret,
        ike: [IKEProposal(.aesGCM256, .sha512, .dh20), IKEProposal(.aes256, .sha256, .dh19)],
        esp: [ESPProposal(.aesGCM256), ESPProposal(.aes256, .sha512)],
        reqid: 101
    )

    static func differences(_ old: String, _ new: String) -> [String] {
        let changed = status.split(separator: "\n").map { $0.replacing(old, with: new) }.joined(separator: "\n")
        return ConnectionReadback.read(changed)[wanted.name]?.differences(from: wanted) ?? ["it is not there"]
    }

    @Test("is what was meant")
    func agrees() {
        #expect(Self.differences("", "") == [])
        // Version 5 puts no number before its lines.
        let bare = Self.status.replacing("000 ", with: "")
        #expect(ConnectionReadback.read(bare)[Self.wanted.name]?.differences(from: Self.wanted) == [])
    }

    @Test("shows the address alone where that is the whole network, and only there")
    func agreesOnGateways() {
        var gateways = Self.wanted
        gateways.local.subnet = IPPrefix("198.51.100.10/32")!
        gateways.remote.subnet = IPPrefix("203.0.113.7/32")!
        func differences(_ status: String, from wanted: Connection) -> [String] {
            ConnectionReadback.read(status)[wanted.name]?.differences(from: wanted) ?? ["it is not there"]
        }
        let alone = Self.status.replacing("10.20.0.0/24===", with: "").replacing("===172.16.5.0/24", with: "")
        #expect(differences(alone, from: gateways) == [])
        #expect(!differences(alone, from: Self.wanted).isEmpty)
        #expect(!differences(Self.status, from: gateways).isEmpty)
        var near = Self.wanted
        near.local.subnet = gateways.local.subnet
        #expect(differences(Self.status.replacing("10.20.0.0/24===", with: ""), from: near) == [])
        #expect(!differences(alone, from: near).isEmpty)
    }

    @Test("is what was meant for a single host, too")
    func agreesOnHosts() {
        var hosts = Self.wanted
        hosts.local.subnet = IPPrefix("192.0.2.1/32")!
        hosts.remote.subnet = IPPrefix("172.16.5.10/32")!
        let status = Self.status.replacing("10.20.0.0/24===", with: "192.0.2.1/32===")
            .replacing("===172.16.5.0/24", with: "===172.16.5.10/32")
        #expect(ConnectionReadback.read(status)[hosts.name]?.differences(from: hosts) == [])
    }

    @Test(
        "says each thing Libreswan loads as something else",
        arguments: [
            ("10.20.0.0/24===", ""), ("===172.16.5.0/24", ""), ("[@vpn.acme.example]===", "[203.0.113.7]==="),
            ("...203.0.113.7", "...%any"), ("our auth:secret", "our auth:rsasig"),
            ("their auth:secret", "their auth:null"), ("+PSK+", "+RSASIG+"), ("IKEv2+", "IKEv1+"), ("+PFS", ""),
            ("+TUNNEL", ""), ("28800s", "3600s"), ("ipsec_life: 3600s", "ipsec_life: 28800s"),
            ("<disabled>", "ipsec _updown"), ("replay_window: 256", "replay_window: 0"), ("-DH20", "-MODP1024"),
            ("ESP algorithms: AES_GCM_16_256-NONE, ", "ESP algorithms: "),
            ("AES_CBC_256-HMAC_SHA2_512", "NULL-HMAC_MD5"),
        ]
    )
    func disagrees(_ old: String, _ new: String) {
        #expect(Self.differences(old, new).count >= 1)
    }

    @Test("is not there when pluto has it under another name, or as an instance of one")
    func leavesOthersOut() {
        let text = "000 \"office\": a...b; erouted\n000 \"p_acme_t1_s1\"[1] 203.0.113.7: x;\n"
        #expect(ConnectionReadback.read(text).isEmpty)
    }
}
