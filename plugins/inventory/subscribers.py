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
  - Creates a host C(user@domain) for every subscriber that the user can see and the options select.
  - The name of the configuration file must end in V(ngcp_fax.yml) or V(ngcp_fax.yaml).
  - Subscribers are read in pages, and so are their settings if that is faster than reading them one by one.
  - Passwords and secret keys are neither in variables nor in the cache.
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
    description: Only subscribers of the customer with this external id. Fails if several customers have it.
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
      - Which variables to read in addition to those from the list of subscribers.
      - V(customer) adds C(ngcp_customer_external_id), V(fax) adds C(ngcp_fax), V(mail2fax) adds C(ngcp_mail2fax), and
        V(fax_forward) adds C(ngcp_fax_forward), the call forward that leads to the fax box.
      - If the list is empty, only the list of subscribers is read (and the fax settings for O(active)).
    type: list
    elements: str
    choices: [customer, fax, mail2fax, fax_forward]
    default: [customer, fax, mail2fax]
  allow_empty:
    description:
      - Whether an inventory without any hosts is acceptable. By default it is an error, because the usual cause is a
        misspelt domain or customer.
    type: bool
    default: false
notes:
  - A subscriber is not a machine that Ansible can log in to. Delegate tasks for these hosts to C(localhost).
  - In the configuration file O(api_url), O(api_username), O(api_password), O(api_token), O(api_otp),
    O(customer_external_id) and O(domain) can be templates or vaulted. Templates can use the variables of
    C(--extra-vars). C(ansible-inventory) shows these as variables of every host; take secrets from the environment, a
    lookup or a vault instead.
  - Subscribers whose names cannot be host names are left out with a warning; with O(strict=true) the inventory fails.
    The name of a host is C(user@domain). The user consists of letters, digits and the characters C(=+,;_.~'()!*-), and
    does not begin with C(-), C(!), C(~) or C(*). The domain is a host name or an IP address.
  - An unknown option in the configuration file is an error, and so is a filter that is set but empty.
  - Put O(plugin) in the first line of the file. If the file is wrong or the platform cannot be reached, Ansible tries
    its other inventory plugins on the file, and the one for INI files quotes the first line that it cannot read.
  - A change of O(api_url), O(auth_method), O(api_username), O(api_token), O(client_cert) or its content, the filters or
    O(details) creates a new cache entry. An inventory without hosts is not cached.
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
# # drifting.ngcp_fax.yml: active fax services of one customer, with a group of those without delivery by e-mail. The
# # connection comes from the environment (NGCP_API_URL and so on), and the inventory is cached for ten minutes.
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
        """Return whether the file is for this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("ngcp_fax.yml", "ngcp_fax.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory as the configuration file says."""
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
        """Refuse options of the configuration file that are misspelt, empty, or neither true nor false. Ansible would
        take them for not set or for false."""
        known = self.option_definitions
        for name, value in config.items():
            if name not in known:
                raise AnsibleParserError(f"{name}: is not an option of {self.NAME}; {nearest_name(str(name), known)}")
            if value is None and name in _OWN:
                raise AnsibleParserError(f"{name}: must not be empty; leave it out if it is not needed")
        for name, option in known.items():
            if option.get("type") in ("bool", "boolean"):
                variables = [item["name"] for item in option.get("env", ()) if item["name"].startswith("NGCP_")]
                value = config.get(name, os.environ.get(variables[0]) or None if variables else None)
                if value is not None and not _is_boolean(value):
                    raise AnsibleParserError(f"{name}: must be true or false, not {str(value)!r}")

    def _evaluated(self, config: Any) -> dict[str, Any]:
        """Return the evaluated templates of the configuration file.

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
        """Return what is in the cache, or None if it is missing or damaged."""
        try:
            found = cached_hosts(self._cache[key])
        except KeyError:
            return None
        except Exception:  # pylint: disable=broad-except  # of whichever cache plugin, about whatever it found
            found = None
        if found is None:
            self.display.warning(f"{path}: The cache is damaged. The subscribers are read again.")
        return found

    def _tell_left_out(self, names: list[str]) -> None:
        message = f"The names of these subscribers cannot be host names: {and_more(names[:5], len(names), ', ')}"
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
        """Return the value of an expression. Most expressions only name a variable. Jinja would compile these again for
        every host, which would take most of the time of a large inventory."""
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
    """Return everything that an error says, in one line."""
    status = f", HTTP status {error.http_status}" if error.http_status else ""
    hint = f" {error.hint}" if error.hint else ""
    return f"{error} ({error.code}{status}).{hint}"
