// SPDX-License-Identifier: Apache-2.0
package import Base

/// Everything in `/etc/eig`, read and checked as one: what every program works from.
///
/// Immutable: a change of any file is a new configuration, loaded whole and swapped in, or refused whole.
package struct Configuration: Sendable {
    /// `eigd.toml`; nothing when this host has none.
    package let gateway: GatewayFile?
    /// `jumpd.toml`; nothing when this host has none.
    package let host: HostFile?
    /// `partners.d/*.toml`, by id.
    package let partners: [Partner]
    /// The bytes of every file in `ca/` that a partner names, by name.
    package let authorities: [String: [UInt8]]
    /// The bytes of every file in `ca/` that an administrator's certificate must end in, by name.
    ///
    /// Apart from those of partners, so that nobody takes one for the other.
    package let adminAuthorities: [String: [UInt8]]
    /// Every credential that a partner names and that this process may read, by file name.
    package let credentials: [String: Credential]

    package func partner(_ id: PartnerID) -> Partner? { partners.first { $0.id == id } }
}

/// Where things are inside a configuration folder.
package enum ConfigurationPath {
    package static let gateway = "eigd.toml"
    package static let host = "jumpd.toml"
    package static let partners = "partners.d"
    package static func authority(_ name: String) -> String { "ca/\(name)" }
    package static func credential(_ name: String) -> String { secret(name, in: "credentials") }
    package static func secret(_ name: String) -> String { secret(name, in: "secrets") }
    /// The certificate is no secret: it lies in the folder wherever its key comes from.
    package static func identityCertificate(_ name: String) -> String {
        "identities/\(handedOver(name).map(String.init) ?? name).pem"
    }
    package static func identityKey(_ name: String) -> String { secret("\(name).key", in: "identities") }
    /// For the files that `[server]` names with their ending.
    package static func identityFile(_ name: String) -> String { secret(name, in: "identities") }

    /// Before the name of a secret that systemd hands over (`LoadCredential=`) instead of a file of the folder;
    /// such a name is its own path.
    package static let credentialPrefix = "credential:"

    /// The name of the systemd credential, when `name` is one.
    package static func handedOver(_ name: String) -> Substring? {
        name.hasPrefix(credentialPrefix) ? name.dropFirst(credentialPrefix.utf8.count) : nil
    }

    private static func secret(_ name: String, in folder: String) -> String {
        handedOver(name) == nil ? "\(folder)/\(name)" : name
    }
}

extension Configuration {
    /// Files that a program cannot do without.
    package enum Requirement: Hashable, Sendable {
        case gateway
        case host
        /// `jumpd.toml` with a `[gate]`.
        case gate
    }

    /// What loading came to: a configuration when there is no error, and everything there is to say.
    package struct Outcome: Sendable {
        package let configuration: Configuration?
        /// By file, then by place.
        package let diagnostics: [Diagnostic]
    }

    /// A deeper look at certificates, by whoever has the means (OpenSSL is above this module).
    ///
    /// Called once for each file with its path and bytes.
    package typealias CertificateInspector = (_ path: String, _ bytes: [UInt8]) -> [CertificateFinding]

    /// Reads and checks a whole configuration folder.
    ///
    /// - Parameter now: decides which allow entries have ended; drawn by the caller.
    /// - Parameter requiring: files whose absence is an error; the others may be missing. The gateway alone, and the
    ///   gate alone, also require every file they work with to be readable; the enforcer alone does not care whether
    ///   it may read them; whoever asks for several or none is warned of what could not be checked.
    package static func load(
        from source: some ConfigurationSource,
        now: WallInstant,
        requiring: Set<Requirement> = [],
        inspect: CertificateInspector? = nil
    ) -> Outcome {
        var loader = ConfigurationLoader(source: source, now: now, requiring: requiring, inspect: inspect)
        return loader.load()
    }
}

/// What a deeper look at a certificate file found.
package struct CertificateFinding: Hashable, Sendable {
    package let severity: Diagnostic.Severity
    package let message: String
    package let hint: String

    package init(severity: Diagnostic.Severity, message: String, hint: String) {
        self.severity = severity
        self.message = message
        self.hint = hint
    }
}
