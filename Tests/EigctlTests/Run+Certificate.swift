// SPDX-License-Identifier: Apache-2.0

extension Bench {
    /// An authority nobody has the key of.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBjDCCATGgAwIBAgIUNOx6eFBbSLGQF0rajFfulsqj35EwCgYIKoZIzj0EAwIw
        GjEYMBYGA1UEAwwPUGF5RmFzdCB0ZXN0IENBMCAXDTI2MTEyMTEzMTI1MVoYDzIx
        MjYxMDI4MTMxMjUxWjAaMRgwFgYDVQQDDA9QYXlGYXN0IHRlc3QgQ0EwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAARpzcrf18bXRiNzqw00jxDC8znVZXW3mcJ1kNJk
        NVhXRd7/AZm8XErkiQj4dE4LRM8ianpzXI8tQSqiQ5A7K9Pwo1MwUTAdBgNVHQ4E
        FgQU5sJbmynaKucfLT4IAl/sLoxubwQwHwYDVR0jBBgwFoAU5sJbmynaKucfLT4I
        Al/sLoxubwQwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAgvd9
        a5vzf88ueYQzbUa6nxQmIAXxJp/g+QxePtWZxGECIQCNADD6l19eY3+WSKvO4FOT
        cGel7TLp8Ikd7bZpv+FKhw==
        -----END CERTIFICATE-----

        """
}
