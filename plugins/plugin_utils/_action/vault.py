# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Documents encrypted with the vault password of the run, as ``ansible-vault`` does it."""

from __future__ import annotations

from typing import Any, Callable

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.parsing.vault import match_encrypt_secret

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable


def encryptor(loader: Any) -> Callable[[bytes], bytes]:
    """Return a function that encrypts a document, with the password that ``vault_encrypt_identity`` names or else the
    first one. It raises :class:`_errors.FaxError` where that is not possible.

    :param loader: of the action plugin; it knows the passwords.
    """

    def encrypt(content: bytes) -> bytes:
        secrets = loader._vault.secrets
        if not secrets:
            raise FaxError(
                "Nothing can be encrypted, because the run has no vault password",
                code="no_vault_password",
                hint="Start Ansible with --vault-password-file, --vault-id or --ask-vault-pass.",
            )
        try:
            name, secret = match_encrypt_secret(secrets, C.DEFAULT_VAULT_ENCRYPT_IDENTITY)
            return bytes(loader._vault.encrypt(content, secret, name))
        except AnsibleError as error:
            raise FaxError(f"Nothing can be encrypted: {printable(str(error))}", code="no_vault_password") from None

    return encrypt
