// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import Testing

@Suite struct ConnectionNameTests {
    @Test(arguments: ["p_payfast_t1_s1", "p_a_b_c_s256", "p_acme_x_tunnel0_s17"])
    func whatIsWrittenIsReadBack(_ text: String) throws {
        #expect(try #require(ConnectionName(text)).description == text)
    }

    @Test(arguments: [
        "", "p_", "p_payfast_t1", "p_payfast_t1_s0", "p_payfast_t1_s257", "p_payfast_t1_s01", "p_Payfast_t1_s1",
        "p_payfast_1t_s1", "p_payfast_t1_s1;", "x_payfast_t1_s1", "p_payfast_t1_s1\n", "p_t1_s1",
        "p_payfast_t;id_s1", "p_payfast_t'$(id)'_s1", "p_payfast_t 1_s1", "p_payfast_t\n_s1", "p_payfast_t\"_s1",
        "p_payfast_tT_s1",
        "p_payfast_t1234567890123456789012345678901_s1",
    ])
    func anythingElseIsNotOurs(_ text: String) {
        #expect(ConnectionName(text) == nil)
    }

    @Test func theVersionIsReadFromWhatIpsecSays() {
        #expect(LibreswanVersion("Linux Libreswan 4.10 (netkey) on 6.1.0\n") == LibreswanVersion(4, 10))
        #expect(LibreswanVersion("Libreswan 5.1rc1") == LibreswanVersion(5, 1))
        #expect(LibreswanVersion("Libreswan 5.3.2") == LibreswanVersion(5, 3, 2))
        #expect(LibreswanVersion("strongSwan 5.9") == nil)
        #expect(LibreswanVersion(4, 9) < LibreswanVersion(4, 10))
        #expect(LibreswanVersion(5, 3) < LibreswanVersion(5, 3, 1))
    }
}
