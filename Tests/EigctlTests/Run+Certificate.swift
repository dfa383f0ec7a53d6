// SPDX-License-Identifier: Apache-2.0

/// Made for these tests alone; good from November 2026 to October 2126.
extension Bench {
    /// An authority.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBijCCATGgAwIBAgIUa6dQrH0rjnKeCLidcbw5vHTri8UwCgYIKoZIzj0EAwIw
        GjEYMBYGA1UEAwwPUGF5RmFzdCB0ZXN0IENBMCAXDTI2MTEyMTEzMzUwOVoYDzIx
        MjYxMDI4MTMzNTA5WjAaMRgwFgYDVQQDDA9QYXlGYXN0IHRlc3QgQ0EwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAATd/+Lo73OaPeliwMkNzYhW4AbsqCIDfRqKwVKH
        mTMv6S2FlGXqVeJn67f7u7ZUqwwJnNyYtqJLzIIuw7+yyqlUo1MwUTAdBgNVHQ4E
        FgQUrrm+ApRNeHIlOT03OoIPqFH/oKUwHwYDVR0jBBgwFoAUrrm+ApRNeHIlOT03
        OoIPqFH/oKUwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBtR14l
        hw86YIaEe1Vrvft91R8UcOreA0+41GxUMsjnWQIgaDWJgH8FEG0bJ39Wg+fHnk5f
        86EvevG3xo8pcpaDq6o=
        -----END CERTIFICATE-----

        """

    /// Issued by itself, and not an authority.
    static let leafCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUWRxuUtVY7CPTC4jzbRBMOhrPGgYwCgYIKoZIzj0EAwIw
        FzEVMBMGA1UEAwwMbGVhZi5leGFtcGxlMCAXDTI2MTEyMTEzMzUwOVoYDzIxMjYx
        MDI4MTMzNTA5WjAXMRUwEwYDVQQDDAxsZWFmLmV4YW1wbGUwWTATBgcqhkjOPQIB
        BggqhkjOPQMBBwNCAAS5Z8UF0MpBywWukN2K/4U6PJWScugMW9hpp0K7PmftW4en
        sfhFobrSiBAh9yz/aBhWzKIvpRnOY12Z+hUVkS4bo2kwZzAdBgNVHQ4EFgQUqlEj
        wp/9bYzIp2bCmJPqlxnU0+swHwYDVR0jBBgwFoAUqlEjwp/9bYzIp2bCmJPqlxnU
        0+swDAYDVR0TAQH/BAIwADAXBgNVHREEEDAOggxsZWFmLmV4YW1wbGUwCgYIKoZI
        zj0EAwIDSAAwRQIgXdawerZI+xd/xX/d2Rcwupqs0LTu71X+sNHlda5rGMICIQCq
        XFQGyyXjjpxFUxnm2tg1EyQQkrYz2ARUyI3S8t2I1Q==
        -----END CERTIFICATE-----

        """

    /// The key of the one above.
    static let leafKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZtg2fgUyvrtMxql+
        LqkuPm4tBG2bTw0frScjChh1/xShRANCAAS5Z8UF0MpBywWukN2K/4U6PJWScugM
        W9hpp0K7PmftW4ensfhFobrSiBAh9yz/aBhWzKIvpRnOY12Z+hUVkS4b
        -----END PRIVATE KEY-----

        """

    /// A key of another certificate.
    static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkX2TEef0kwl+J9TZ
        ISOdDvDRMJH23bvM/PodDRFRM4OhRANCAATd/+Lo73OaPeliwMkNzYhW4AbsqCID
        fRqKwVKHmTMv6S2FlGXqVeJn67f7u7ZUqwwJnNyYtqJLzIIuw7+yyqlU
        -----END PRIVATE KEY-----

        """
}
