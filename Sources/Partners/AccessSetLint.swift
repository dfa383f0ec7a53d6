// SPDX-License-Identifier: Apache-2.0
internal import Base

/// What can only be told of administrators together with partners, the files they name, and the time.
struct AccessSetLint {
    let host: HostFile
    let rules: AccessRules
    let partners: [Partner]
    /// The contents of the files in `ca/` that partners name, by name.
    let authorities: [String: [UInt8]]
    /// The contents of the files in `ca/` that administrators name, by name.
    let adminAuthorities: [String: [UInt8]]
    let now: WallInstant
    /// Of `jumpd.toml`.
    let report: Report?

    func run() {
        checkExpiry()
        checkAuthorities()
        checkCopies()
    }

    private func checkExpiry() {
        for (index, admin) in rules.admins.enumerated() {
            guard let until = admin.until, until <= now, admin.isEnabled else { continue }
            let message = "\(admin.id) has ended and is not let in"
            let origin = host.origins["admin[\(index)].until"]
            report?.add(.adminEnded, at: origin, message, mend: "remove the entry, or extend `until`")
        }
    }

    /// A partner's authority could issue a certificate with an administrator's name.
    private func checkAuthorities() {
        var owners: [[UInt8]: PartnerID] = [:]
        for partner in partners {
            for rule in partner.certificates {
                if let bytes = authorities[rule.ca] { owners[bytes] = owners[bytes] ?? partner.id }
            }
        }
        for (index, admin) in rules.admins.enumerated() {
            guard let bytes = adminAuthorities[admin.ca], let owner = owners[bytes] else { continue }
            let message = "\(admin.ca) is the authority of partner \(owner), which could issue this certificate, too"
            let origin = host.origins["admin[\(index)].ca"]
            report?.add(.adminShared, at: origin, message, mend: "give administrators an authority of their own")
        }
    }

    /// Two files with the same authority in them are one authority.
    private func checkCopies() {
        struct Identity: Hashable {
            let ca: [UInt8]
            let san: AdminName
        }
        var names: [Identity: Int] = [:]
        for (index, admin) in rules.admins.enumerated() {
            guard let bytes = adminAuthorities[admin.ca] else { continue }
            let identity = Identity(ca: bytes, san: admin.san)
            if let first = names[identity], rules.admins[first].ca != admin.ca {
                let other = rules.admins[first]
                let message = "\(quoted(admin.san.description)) under \(admin.ca) is \(other.id) under \(other.ca)"
                let origin = host.origins["admin[\(index)].san"]
                report?.add(.adminShared, at: origin, message, mend: "give each person a name of their own")
            }
            names[identity] = names[identity] ?? index
        }
    }
}
