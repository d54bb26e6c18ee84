# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: subscribers
short_description: Subscribers of Sipwise NGCP as inventory hosts
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Makes a host C(user@domain) of every subscriber that the user may see and the options select.
  - The name of the configuration file has to end in V(ngcp_fax.yml) or V(ngcp_fax.yaml).
  - Subscribers are read in pages, and so are their settings where that is cheaper than reading them one by one.
  - Passwords and secret keys are neither variables nor in the cache.
extends_documentation_fragment:
  - ngcp.fax.connection
  - ngcp.fax.connection.plugins
  - constructed
  - inventory_cache
options:
  plugin:
    description: Marks the file as one for this plugin.
    type: str
    required: true
    choices: [ngcp.fax.subscribers]
  customer_id:
    description: Only subscribers of the customer with this id.
    type: int
  customer_external_id:
    description: Only subscribers of the customer with this external id. Fails when several customers have it.
    type: str
  domain:
    description: Only subscribers of this domain.
    type: str
  active:
    description: Only subscribers whose fax service is on (V(true)) or off (V(false)).
    type: bool
  status:
    description: Only subscribers with this status.
    type: str
    choices: [active, locked]
  details:
    description:
      - Which variables to read beside those that the list of subscribers has anyway.
      - V(customer) makes C(ngcp_customer_external_id), V(fax) makes C(ngcp_fax), V(mail2fax) makes C(ngcp_mail2fax),
        V(fax_forward) makes C(ngcp_fax_forward), which call forward leads to the fax box.
      - With an empty list only the list of subscribers is read (and the fax settings for O(active)).
    type: list
    elements: str
    choices: [customer, fax, mail2fax, fax_forward]
    default: [customer, fax, mail2fax]
  allow_empty:
    description:
      - Whether an inventory without a single host is fine. Otherwise it is an error, because more often a domain or
        customer is misspelt.
    type: bool
    default: false
notes:
  - A subscriber is no machine that could be logged in to. Delegate tasks for these hosts to C(localhost).
  - In the configuration file O(api_url), O(api_username), O(api_password), O(api_token), O(api_otp),
    O(customer_external_id) and O(domain) may be templates, and vaulted. Variables of templates are those of
    C(--extra-vars), which C(ansible-inventory) shows as variables of every host, so that secrets come better from the
    environment, a look-up or a vault.
  - Subscribers whose names no host can have are left out with a warning. With O(strict=true) the inventory fails. A
    host is called C(user@domain), where the user consists of letters, digits and the signs C(=+,;_.~'()!*-), does not
    begin with C(-), C(!), C(~) or C(*), and the domain is a host name or an IP address.
  - An unknown option in the configuration file is an error, and so is a filter that is given and empty.
  - Name O(plugin) in the first line of the file. Should the file be wrong or the platform not be there, Ansible tries
    its other inventory plugins on the file, and the one for INI files quotes the first line that it cannot read.
  - A change of O(api_url), O(auth_method), O(api_username), O(api_token), O(client_cert) or its content, the filters or
    O(details) makes a new entry in the cache. An inventory without hosts is not kept there.
seealso:
  - module: ngcp.fax.fax_settings
  - module: ngcp.fax.mail2fax_settings
"""

EXAMPLES = r"""
---
# everybody.ngcp_fax.yml: all subscribers with all variables, in groups by domain and customer
plugin: ngcp.fax.subscribers
api_url: https://ngcp.example.org:1443
api_username: automation
api_password: "{{ lookup('ansible.builtin.env', 'NGCP_PASSWORD') }}"
keyed_groups:
  - key: ngcp_domain
    prefix: domain
  - key: ngcp_customer_external_id
    prefix: customer
    default_value: none
# ---
# # drifting.ngcp_fax.yml: active fax services of one customer; who has no delivery by e-mail is in a group. The
# # connection comes from the environment (NGCP_API_URL and so on), and the list is kept for ten minutes.
# plugin: ngcp.fax.subscribers
# customer_external_id: CUST-0001
# active: true
# details: [fax]
# groups:
#   undelivered: ngcp_fax.destinations | length == 0
# compose:
#   fax_addresses: ngcp_fax.destinations | map(attribute='destination') | list
# cache: true
# cache_plugin: ansible.builtin.jsonfile
# cache_connection: ~/.cache/ngcp_fax
# cache_timeout: 600
# ---
# # names.ngcp_fax.yml: only the names, numbers and ids of one domain, from the list of subscribers alone
# plugin: ngcp.fax.subscribers
# domain: pbx.example.org
# status: active
# details: []
"""

import os
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.module_utils._names import nearest_name
from ansible_collections.ngcp.fax.plugins.module_utils._task import missing_libraries
from ansible_collections.ngcp.fax.plugins.module_utils._wording import and_more
from ansible_collections.ngcp.fax.plugins.plugin_utils._inventory.hosts import (
    CRITERIA,
    HostList,
    cached_hosts,
    identity,
    read_hosts,
)
from ansible_collections.ngcp.fax.plugins.plugin_utils._inventory.untrusted import untrusted

_TEMPLATES = (
    "api_url",
    "api_username",
    "api_password",
    "api_token",
    "api_otp",
    "customer_external_id",
    "domain",
)


_OWN = (*CRITERIA, "active", "status", "details", "allow_empty")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The subscribers of a platform as hosts."""

    NAME = "ngcp.fax.subscribers"

    def verify_file(self, path: str) -> bool:
        """Return whether the name of the file says that it is meant for this plugin."""
        return bool(super().verify_file(path)) and path.endswith(("ngcp_fax.yml", "ngcp_fax.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory with what the configuration file asks for."""
        super().parse(inventory, loader, path, cache)
        if any(missing_libraries(("requests",))):
            raise AnsibleParserError(missing_required_lib("requests"))
        config = self._read_config_data(path)
        self._check(config)
        params = {**self.get_options(), **self._evaluated(config)}
        found = self._cached_hosts(params, path, cache)
        if found.left_out:
            self._tell_left_out(found.left_out)
        for warning in found.warnings:
            self.display.warning(f"{path}: {warning}")
        for name, variables in found.hosts.items():
            self._add(name, untrusted(variables))

    def _check(self, config: Any) -> None:
        """Refuse what is misspelt, empty, or neither true nor false in the configuration file, and Ansible takes for
        not given or for false."""
        known = self.option_definitions
        for name, value in config.items():
            if name not in known:
                raise AnsibleParserError(f"{name}: is not an option of {self.NAME}; {nearest_name(str(name), known)}")
            if value is None and name in _OWN:
                raise AnsibleParserError(f"{name}: must not be empty; leave it out if it is not meant")
        for name, option in known.items():
            if option.get("type") in ("bool", "boolean"):
                variables = [item["name"] for item in option.get("env", ()) if item["name"].startswith("NGCP_")]
                value = config.get(name, os.environ.get(variables[0]) or None if variables else None)
                if value is not None and not _is_boolean(value):
                    raise AnsibleParserError(f"{name}: must be true or false, not {str(value)!r}")

    def _evaluated(self, config: Any) -> dict[str, Any]:
        """Return those texts of the configuration file that are templates, evaluated.

        Values from the environment are taken as they are.
        """
        evaluated = {}
        self.templar.available_variables = self._vars
        for name in _TEMPLATES:
            value = self.get_option(name) if name in config else None
            if value is not None and self.templar.is_template(value):
                try:
                    text = self.templar.template(value)
                except AnsibleError as error:
                    raise AnsibleParserError(f"{name} cannot be evaluated: {error.message}") from None
                evaluated[name] = "" if text is None else str(text)
        return evaluated

    def _cached_hosts(self, params: dict[str, Any], path: str, cache: bool) -> HostList:
        """Return the hosts from the cache, or else from the platform."""
        caching = params["cache"]
        try:
            key = f"{self.get_cache_key(path)}_{identity(params)}" if caching else ""
            found = self._from_cache(key, path) if caching and cache else None
            if found is None:
                found = read_hosts(params)
                if caching and found.hosts:
                    self._cache[key] = found._asdict()
        except FaxError as error:
            raise AnsibleParserError(_explained(error)) from None
        return found

    def _from_cache(self, key: str, path: str) -> HostList | None:
        """Return what is in the cache, or None if that is nothing or damaged."""
        try:
            found = cached_hosts(self._cache[key])
        except KeyError:
            return None
        except Exception:  # pylint: disable=broad-except  # of whichever cache plugin, about whatever it found
            found = None
        if found is None:
            self.display.warning(f"{path}: The cache is damaged. The subscribers are read anew.")
        return found

    def _tell_left_out(self, names: list[str]) -> None:
        message = f"No host can have the names of these subscribers: {and_more(names[:5], len(names), ', ')}"
        if self.get_option("strict"):
            raise AnsibleParserError(message)
        self.display.warning(f"{message}. They are left out.")

    def _add(self, name: str, variables: dict[str, Any]) -> None:
        self.inventory.add_host(name)
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        # Composed variables are known to what follows.
        variables = self.inventory.get_host(name).get_vars()
        self._add_host_to_composed_groups(
            self.get_option("groups"), variables, name, strict=strict, fetch_hostvars=False
        )
        self._add_host_to_keyed_groups(
            self.get_option("keyed_groups"), variables, name, strict=strict, fetch_hostvars=False
        )

    def _compose(self, template: Any, variables: dict[str, Any], *more: Any, **options: Any) -> Any:
        """Return the value of an expression. Those that only name a variable are by far the most frequent ones, and
        Jinja would compile them anew for every host, which is most of the time of a large inventory."""
        name = template.strip() if isinstance(template, str) else None
        if name in variables and not self.get_option("use_extra_vars"):
            return variables[name]
        return super()._compose(template, variables, *more, **options)


def _is_boolean(value: Any) -> bool:
    try:
        boolean(value)
    except TypeError:
        return False
    return True


def _explained(error: FaxError) -> str:
    """Return everything that an error tells, in one line."""
    status = f", HTTP status {error.http_status}" if error.http_status else ""
    hint = f" {error.hint}" if error.hint else ""
    return f"{error} ({error.code}{status}).{hint}"
