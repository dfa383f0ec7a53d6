// SPDX-License-Identifier: Apache-2.0

/// The answer of eigd to `POST`, `GET` and `DELETE /v1/store/backup`.
package struct StoreBackupDocument: ControlDocument {
    package var schema = controlSchema
    package var ok = true
    /// `none`, `running`, `done` or `failed`.
    package var state: String
    /// Where the copy is or will be: a file of the gateway's user, mode 600.
    package var path: String
    package var pagesDone = 0
    package var pagesTotal = 0
    package var elapsedMilliseconds = 0
    /// Callbacks not yet delivered at the instant the copy is of.
    package var pending = 0
    /// Why it failed.
    package var why: String?

    package init(state: String, path: String) {
        self.state = state
        self.path = path
    }
}
