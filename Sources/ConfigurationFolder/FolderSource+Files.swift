// SPDX-License-Identifier: Apache-2.0
internal import Partners
package import TLS

/// The files that a configuration names, as a program needs them to make ready what it says.
extension FolderSource {
    /// - Parameter path: under the folder, or a credential of the service; up to 1 MiB.
    /// - Throws: ``ConfigurationRefused``, at that file.
    package func bytes(of path: String) throws(ConfigurationRefused) -> [UInt8] {
        switch read(path, limitBytes: 1 << 20) {
        case .bytes(let bytes): return bytes
        case .missing:
            throw ConfigurationRefused(file: path, message: "there is no such file", hint: "put it there")
        case .forbidden:
            throw ConfigurationRefused(
                file: path,
                message: "this process may not read it",
                hint: "make it readable by the group this program runs as, mode 0640"
            )
        case .failed(let why):
            throw ConfigurationRefused(file: path, message: why, hint: "check the file")
        }
    }

    /// The certificates of an authority's file that a chain can end in, at least one.
    ///
    /// - Parameter name: under `ca/`.
    /// - Throws: ``ConfigurationRefused``, at that file.
    package static func roots(_ name: String, _ bytes: [UInt8]) throws(ConfigurationRefused) -> [PeerCertificate] {
        let path = ConfigurationPath.authority(name)
        let all: [PeerCertificate]
        do throws(PEMError) {
            all = try PEM.certificates(bytes)
        } catch {
            throw ConfigurationRefused(file: path, message: "\(error)", hint: "put the CA's certificate there as PEM")
        }
        let found = all.filter(\.isSelfIssued)
        guard !found.isEmpty else {
            throw ConfigurationRefused(
                file: path,
                message: "no self-signed certificate in it, so no chain can end there",
                hint: "put the CA's root certificate there, not only one that it has issued"
            )
        }
        return found
    }
}
