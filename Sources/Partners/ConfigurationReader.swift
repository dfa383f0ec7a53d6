// SPDX-License-Identifier: Apache-2.0

/// For whom a configuration is loaded: decides which files must be readable.
enum ConfigurationReader: Hashable {
    case gateway
    case gate
    case enforcer
    case anybody

    init(requiring: Set<Configuration.Requirement>) {
        switch requiring {
        case [.gateway]: self = .gateway
        case [.gate]: self = .gate
        case [.host]: self = .enforcer
        default: self = .anybody
        }
    }

    /// The systemd unit that hands credentials over to it.
    var unit: String { self == .gate ? "jumpd" : "eigd" }

    func worksWith(_ purpose: FilePurpose) -> Bool {
        switch (self, purpose) {
        case (.gateway, .gateway), (.gate, .gate): true
        default: false
        }
    }
}

/// Who works with a file.
enum FilePurpose: Hashable {
    case gateway
    case tunnel
    case gate
    case audit
}
