# SPDX-License-Identifier: Apache-2.0
"""A gate for administrators between three namespaces: administrators before it, real servers behind it."""
