// SPDX-License-Identifier: Apache-2.0
import IPsecConfig
import LinuxIO
import Testing

/// The installed program beside what we write for it.
@Suite("The installed Libreswan")
struct InstalledLibreswanTests {
    static let program = "/usr/sbin/ipsec"

    static let version: LibreswanVersion? = {
        guard let result = try? ChildProcess.run([program, "--version"]) else { return nil }
        return LibreswanVersion(result.outputText)
    }()

    @Test(
        "has nothing to say about any text for its major version, and no error",
        .enabled(if: version != nil, "there is no /usr/sbin/ipsec: apt-get install libreswan"),
        arguments: Shape.all
    )
    func checks(shape: Shape) throws {
        let version = try #require(Self.version)
        for name in Shape.versions.filter({ $0.major == version.major }).map({ "\(shape.name)-\($0).conf" }) {
            let result = try ChildProcess.run([
                Self.program, "addconn", "--config", "\(Golden.folder)/\(name)", "--checkconfig",
            ])
            #expect(result.isSuccess, "\(name): \(result.status)")
            #expect(result.outputText == "" && result.errorText == "", "\(name)")
        }
    }
}
