// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO
package import Partners

/// A configuration folder on disk, `/etc/eig` unless somebody says otherwise.
package struct FolderSource: ConfigurationSource, Sendable {
    package let folder: String

    package init(_ folder: String = "/etc/eig") { self.folder = folder }

    package func names(in folder: String) -> FolderListing {
        do throws(Errno) {
            return .names(try FileStore.names(in: path(folder)))
        } catch {
            return error == .noEntry ? .missing : .failed("\(error)")
        }
    }

    package func read(_ path: String, limitBytes: Int) -> FileReading {
        do throws(Errno) {
            return .bytes(try FileStore.read(self.path(path), byteCountMax: limitBytes))
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
        do throws(Errno) {
            let status = try FileStore.status(self.path(path))
            let mode = UInt16(truncatingIfNeeded: status.mode & 0o777)
            return .present(SourceFileStatus(isRegular: !status.isDirectory, mode: mode))
        } catch {
            return error == .accessDenied ? .forbidden : .missing
        }
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }
}
