// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Every Swift target is built this way; a target that needs an exception says why beside it.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

/// Targets that declare their own `~Escapable` types or span-returning accessors.
let views: [SwiftSetting] = house + [.enableExperimentalFeature("Lifetimes")]

/// For the data path: no access check at run time in the release build, which cost an eighth of a request.
///
/// A connection belongs to one thread, and what is called while one of its properties is being changed
/// (parsers, encoders, the channel, the wheel) calls nobody back; where owners are called, the bytes they see
/// are a local's. The debug build, which all tests run on, checks every access and stops at the first overlap.
let dataPath: [SwiftSetting] =
    views + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// A Swift target of this house.
///
/// - Parameter path: where it lies, when that is not `Sources/` and its name.
func house(
    _ name: String,
    _ dependencies: [Target.Dependency],
    path: String? = nil,
    settings: [SwiftSetting] = views
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// The module map, headers and thin shims of one C library.
func shim(_ name: String, links libraries: [String]) -> Target {
    .target(name: name, linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// A program: arguments in, exit status out, wiring only.
func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: views)
}

/// The tests of one target.
///
/// - Parameter files: what lies in its folder and is read by path: golden files and the like.
func tests(_ name: String, _ dependencies: [Target.Dependency], files: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: files, swiftSettings: views)
}

let package = Package(
    name: "partner-edge",
    products: [
        .executable(name: "eigd", targets: ["eigd"]),
        .executable(name: "jumpd", targets: ["jumpd"]),
        .executable(name: "eigctl", targets: ["eigctl"]),
        .executable(name: "eig-sandbox", targets: ["eig-sandbox"]),
    ],
    targets: [
        // C libraries, nothing above them but their fence.
        shim("CLinux", links: ["crypt"]),
        shim("COpenSSL", links: ["ssl", "crypto"]),
        shim("CNetfilter", links: ["nftnl", "mnl", "netfilter_conntrack"]),
        shim("CSystemd", links: ["systemd"]),
        shim("CSQLite", links: ["sqlite3"]),
        .target(name: "CTOML", cxxSettings: [.unsafeFlags(["-std=c++17"])], linkerSettings: [.linkedLibrary("stdc++")]),

        // Words everybody shares.
        house("Base", []),

        // Fences: the only targets that import C or say `unsafe`.
        house("LinuxIO", ["Base", "CLinux"]),
        house("TLS", ["Base", "COpenSSL"]),
        house("Netfilter", ["Base", "CNetfilter"]),
        house("Systemd", ["Base", "CSystemd"]),
        house("SQLite", ["Base", "CSQLite"]),
        house("TOML", ["Base", "CTOML"]),

        // Cores.
        house("HTTP", ["Base"]),
        house("Partners", ["Base", "TOML"]),
        house("Whitelist", ["Base", "Partners", "Netfilter"]),
        house("Access", ["Base", "Partners", "TLS"]),
        house("IPsecConfig", ["Base", "Partners"]),
        house("Callbacks", ["Base", "LinuxIO", "Partners", "SQLite", "TLS"]),
        house("AuditTrail", ["Base", "TLS"]),

        // Shells.
        house("AccessStore", ["Access", "Base", "Partners", "SQLite"]),
        house("ConfigurationFolder", ["Control", "LinuxIO", "Partners", "TLS"]),
        house("AuditLog", ["AuditTrail", "Base", "ConfigurationFolder", "Control", "LinuxIO", "Partners", "TLS"]),
        house("Control", ["Base", "LinuxIO", "HTTP"]),
        house("Libreswan", ["Base", "IPsecConfig", "LinuxIO", "Partners", "TLS"]),
        house("TunnelHistory", ["Base", "Control", "IPsecConfig", "LinuxIO", "SQLite", "Systemd"]),
        house("Engine", ["Base", "LinuxIO", "Systemd", "TLS"], settings: dataPath),
        house(
            "Gate",
            [
                "Access", "AccessStore", "AuditLog", "AuditTrail", "Base", "ConfigurationFolder", "Control", "Engine",
                "HTTP", "LinuxIO", "Partners", "Systemd", "TLS",
            ],
            settings: dataPath
        ),
        house(
            "Edge",
            [
                "Base", "LinuxIO", "TLS", "HTTP", "Partners", "Callbacks", "Systemd", "Control", "ConfigurationFolder",
                "AuditLog", "AuditTrail", "Engine",
            ],
            settings: dataPath
        ),

        // Simulators of everybody around the edge, for the demonstration and the tests.
        house("Sandbox", ["Base", "LinuxIO", "TLS", "HTTP"]),

        // Programs.
        program("eigd", ["Edge"]),
        program(
            "jumpd",
            [
                "Base", "LinuxIO", "Partners", "Whitelist", "Netfilter", "Systemd", "Control", "ConfigurationFolder",
                "AuditLog", "AuditTrail", "Gate", "IPsecConfig", "Libreswan", "TLS", "TunnelHistory",
            ]
        ),
        program(
            "eigctl",
            [
                "AuditLog", "AuditTrail", "Base", "Callbacks", "ConfigurationFolder", "Control", "IPsecConfig",
                "LinuxIO", "Partners", "TLS",
            ]
        ),
        program("eig-sandbox", ["LinuxIO", "Sandbox"]),

        // What measures the edge beside others: never installed.
        house("BenchmarkKit", ["Base", "HTTP", "LinuxIO"], path: "Benchmarks/Kit"),
        program("edge-load", ["Base", "BenchmarkKit", "LinuxIO", "TLS"], path: "Benchmarks/Load"),
        program("edge-backend", ["Base", "BenchmarkKit", "LinuxIO"], path: "Benchmarks/Backend"),
        program("edge-floor", ["Base", "BenchmarkKit", "LinuxIO", "TLS"], path: "Benchmarks/Floor"),

        // What several test targets share: certificates, configuration and folders made on the spot, seeded randomness.
        .target(
            name: "TestKit",
            dependencies: ["Base", "COpenSSL", "LinuxIO"],
            path: "Tests/TestKit",
            swiftSettings: views
        ),
        // Our parser by itself, to be compared with others: Tests/Differential.
        .executableTarget(
            name: "http-probe",
            dependencies: ["Base", "HTTP", "LinuxIO"],
            path: "Tests/Differential/Probe",
            swiftSettings: views
        ),
        // What the fuzzers check; ordinary tests check it, too, on what was found before.
        .target(
            name: "FuzzProperties",
            dependencies: ["Base", "HTTP"],
            path: "Tests/Fuzz/FuzzProperties",
            swiftSettings: views
        ),

        // Tests.
        tests("AuditLogTests", ["AuditLog", "AuditTrail", "Base", "LinuxIO", "TLS", "TestKit"]),
        tests("AuditTrailTests", ["AuditTrail", "Base", "TLS", "TestKit"]),
        tests("AccessStoreTests", ["Access", "AccessStore", "Base", "LinuxIO", "Partners", "SQLite", "TestKit"]),
        tests("AccessTests", ["Access", "Base", "Partners", "TLS", "TestKit"]),
        tests("BenchmarkKitTests", ["Base", "BenchmarkKit", "TestKit"]),
        tests("BaseTests", ["Base", "TestKit"]),
        tests("CallbacksTests", ["Base", "Callbacks", "LinuxIO", "SQLite", "TLS", "TestKit"]),
        tests("ControlTests", ["Base", "Control", "HTTP", "LinuxIO", "TestKit"]),
        tests(
            "EdgeTests",
            [
                "Base", "Callbacks", "ConfigurationFolder", "Control", "Edge", "Engine", "HTTP", "LinuxIO", "Partners",
                "Systemd", "TLS", "TestKit",
            ]
        ),
        tests("EngineTests", ["Base", "Engine", "LinuxIO", "Systemd", "TestKit"]),
        tests(
            "EigctlTests",
            ["Base", "Control", "LinuxIO", "Partners", "TLS", "TestKit", "eigctl"],
            files: ["Golden"]
        ),
        tests(
            "IPsecConfigTests",
            ["Base", "IPsecConfig", "LinuxIO", "Partners", "TestKit"],
            files: ["Golden", "Pluto"]
        ),
        tests("LibreswanTests", ["Base", "IPsecConfig", "Libreswan", "LinuxIO", "Partners", "TestKit"]),
        tests("LinuxIOTests", ["Base", "LinuxIO", "TestKit"]),
        tests("SandboxTests", ["Base", "LinuxIO", "Sandbox", "TLS"]),
        tests("TLSTests", ["Base", "COpenSSL", "TLS", "TestKit"]),
        tests(
            "GateTests",
            [
                "Access", "AccessStore", "AuditTrail", "Base", "Control", "Engine", "Gate", "LinuxIO", "Partners",
                "TestKit",
            ]
        ),
        tests("HTTPTests", ["Base", "FuzzProperties", "HTTP", "TestKit"]),
        tests("PartnersTests", ["Base", "ConfigurationFolder", "Partners"]),
        tests("SQLiteTests", ["Base", "SQLite", "TestKit"]),
        tests("SystemdTests", ["Base", "Systemd", "TestKit"]),
        tests("NetfilterTests", ["Base", "LinuxIO", "Netfilter"]),
        tests("TreeTests", []),
        tests(
            "WhitelistTests",
            [
                "Base", "Control", "IPsecConfig", "LinuxIO", "Netfilter", "Partners", "TestKit", "Whitelist", "jumpd",
            ]
        ),
        tests("TOMLTests", ["TOML"]),
        tests(
            "TunnelHistoryTests",
            ["Base", "Control", "IPsecConfig", "LinuxIO", "SQLite", "TestKit", "TunnelHistory"]
        ),
    ],
    cxxLanguageStandard: .cxx17
)

// A fuzzer links libFuzzer and nothing but what it fuzzes; `Tests/Fuzz/run.sh` sets this and builds it.
if Context.environment["EDGE_FUZZ"] == "1" {
    package.targets.append(.target(name: "CFuzzer"))
    package.targets += ["FuzzBody", "FuzzRequest", "FuzzResponse"].map { name in
        .executableTarget(
            name: name,
            dependencies: ["CFuzzer", "FuzzProperties"],
            path: "Tests/Fuzz/\(name)",
            swiftSettings: views
        )
    }
}
