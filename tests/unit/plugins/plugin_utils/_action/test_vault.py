# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents that are encrypted with the vault password of the run."""

from __future__ import annotations

import pytest
from ansible import constants as C
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.vault import encryptor

PASSWORDS = [("default", VaultSecret(b"one")), ("other", VaultSecret(b"two"))]


def loader(passwords):
    made = DataLoader()
    made.set_vault_secrets(passwords)
    return made


@pytest.mark.parametrize("passwords", [PASSWORDS, PASSWORDS[:1], PASSWORDS[1:]])
def test_what_is_encrypted_can_be_decrypted(passwords, tmp_path):
    one = loader(passwords)
    content = encryptor(one)(b"CANARY")
    assert content.startswith(b"$ANSIBLE_VAULT;") and b"CANARY" not in content
    (tmp_path / "x.json").write_bytes(content)
    assert one._get_file_contents(str(tmp_path / "x.json"))[0] == b"CANARY"


def test_the_password_that_the_configuration_names(monkeypatch):
    monkeypatch.setattr(C, "DEFAULT_VAULT_ENCRYPT_IDENTITY", "other")
    content = encryptor(loader(PASSWORDS))(b"CANARY")
    assert loader(PASSWORDS[1:])._vault.decrypt(content) == b"CANARY"


@pytest.mark.parametrize(
    ("passwords", "identity", "words"),
    [
        ([], None, "the run has no vault password"),
        (None, None, "the run has no vault password"),
        (PASSWORDS, "third", "third"),
    ],
)
def test_no_password(monkeypatch, passwords, identity, words):
    monkeypatch.setattr(C, "DEFAULT_VAULT_ENCRYPT_IDENTITY", identity)
    with pytest.raises(FaxError) as caught:
        encryptor(loader(passwords))(b"CANARY")
    assert words in caught.value.message and caught.value.code == "no_vault_password"
