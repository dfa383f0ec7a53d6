// SPDX-License-Identifier: Apache-2.0
package import Control

/// What `eigctl review` writes for `--json`, and what is signed: access through the gate, and the allow-list.
package struct ReviewReport: ControlDocument {
    package var schema = controlSchema
    /// Whether all of it could be had.
    package var ok = true
    package var madeAt: String
    package var gate: ReviewDocument?
    package var gateError: ErrorDocument.Failure?
    /// Nothing where the gate is on another host: the allow-list is that of the edge's own host.
    package var allowList: [AllowListLine]?
    package var allowListError: ErrorDocument.Failure?

    init(madeAt: String) { self.madeAt = madeAt }
}
