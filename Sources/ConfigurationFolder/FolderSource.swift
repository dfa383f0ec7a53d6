// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
package import Partners

/// A configuration folder on disk, `/etc/eig` unless somebody says otherwise.
package struct FolderSource: ConfigurationSource, Sendable {
    package let folder: String
    /// Where systemd put this service's credentials; nothing outside a service that has some.
    private let credentials: String?

    package init(
        _ folder: String = "/etc/eig",
        credentials: String? = Environment.value("CREDENTIALS_DIRECTORY")
    ) {
        self.folder = folder
        self.credentials = credentials
    }

    package func names(in folder: String) -> FolderListing {
        guard let path = path(folder) else { return .missing }
        do throws(Errno) {
            return .names(try FileStore.names(in: path))
        } catch {
            return error == .noEntry ? .missing : .failed("\(error)")
        }
    }

    package func read(_ path: String, limitBytes: Int) -> FileReading {
        guard let path = self.path(path) else { return .missing }
        do throws(Errno) {
            return .bytes(try FileStore.read(path, byteCountMax: limitBytes))
        } catch {
            switch error {
            case .noEntry: return .missing
            case .accessDenied: return .forbidden
            case .fileTooLarge: return .failed("it is longer than \(limitBytes) bytes")
            default: return .failed("\(error)")
            }
        }
    }

    package func standing(of path: String) -> FileStanding {
        guard let path = self.path(path) else { return .missing }
        do throws(Errno) {
            let status = try FileStore.status(path)
            let mode = UInt16(truncatingIfNeeded: status.mode & 0o777)
            return .present(SourceFileStatus(isRegular: !status.isDirectory, mode: mode))
        } catch {
            return error == .accessDenied ? .forbidden : .missing
        }
    }

    /// Nothing for a credential where there is no folder of them.
    private func path(_ name: String) -> String? {
        guard let credential = ConfigurationPath.handedOver(name) else { return "\(folder)/\(name)" }
        return credentials.map { "\($0)/\(credential)" }
    }
}
