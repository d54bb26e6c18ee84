# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options that all modules and plugins share: where the platform is and who is calling."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the platform's API, for example V(https://ngcp.example.org:1443), with or without C(/api) at the end.
      - Plain C(http) is accepted for loopback addresses only.
      - If not set, the environment variable E(NGCP_API_URL) is used.
    type: str
    required: true
  api_username:
    description:
      - Name of an administrator or reseller; on the self-care address a subscriber's web name as C(user@domain).
      - If not set, the environment variable E(NGCP_API_USERNAME) is used.
    type: str
  api_password:
    description:
      - Password that belongs to O(api_username).
      - If not set, the environment variable E(NGCP_API_PASSWORD) is used.
    type: str
  api_token:
    description:
      - A JSON Web Token that exists already, to be used in place of a log-in.
      - With O(api_username) and O(api_password) beside it, one new log-in follows when the token has expired.
      - If not set, the environment variable E(NGCP_API_TOKEN) is used.
    type: str
  api_otp:
    description:
      - The current one-time password, for users with two-factor authentication.
      - If not set, the environment variable E(NGCP_API_OTP) is used.
    type: str
  client_cert:
    description:
      - PEM file with a client certificate that the platform issued. It may hold the key too.
      - If not set, the environment variable E(NGCP_API_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - PEM file with the key of O(client_cert), without a pass phrase.
      - If not set, the environment variable E(NGCP_API_CLIENT_KEY) is used.
    type: path
  auth_method:
    description:
      - How to prove who is calling.
      - V(auto) takes the client certificate if there is one, else the token, else logs in once for a token, and takes
        Basic authentication where the server has no tokens.
      - V(basic) costs the server about 0.4 seconds of CPU time for every single request.
      - If not set, the environment variable E(NGCP_API_AUTH_METHOD) is used.
    type: str
    choices: [auto, jwt, basic, client_cert]
    default: auto
  validate_certs:
    description:
      - Whether the server's TLS certificate is checked.
      - If not set, the environment variable E(NGCP_API_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File or directory with the certificate authorities to trust, in place of the system's.
      - If not set, the environment variable E(NGCP_API_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Seconds for one request and its response as a whole, from 1 to 3600. To connect, and between two pieces of a
        response, the same time applies.
      - What carries a document or a recording gets one more second for each 32 KiB.
      - A list is read in pages of 100. When a page does not come in time, smaller pages follow, and fewer at once.
      - If not set, the environment variable E(NGCP_API_TIMEOUT) is used.
    type: int
    default: 60
  retries:
    description:
      - How often a request that is safe to repeat is repeated after a passing failure, from 0 to 20.
        The pauses grow, are random, and follow the server's C(Retry-After), up to 60 seconds.
      - A write whose outcome is not known is repeated only after reading that it was not applied.
      - If the server does not respond for one item after all these tries, the next ones are tried once each. After
        three in a row the run ends, and the rest is not attempted.
      - If not set, the environment variable E(NGCP_API_RETRIES) is used.
    type: int
    default: 3
  concurrency:
    description:
      - Maximum number of requests in flight, from 1 to 64. Fewer are used if the server cannot handle parallel writes.
      - If not set, the environment variable E(NGCP_API_CONCURRENCY) is used.
    type: int
    default: 4
requirements:
  - python >= 3.9
  - requests >= 2.25.0
  - jsonpatch >= 1.32
notes:
  - The libraries are needed where the task runs, which is the control node with a local connection. Plugins always run
    on the control node, where C(ansible-core) itself needs Python 3.10 or later.
  - The modules use C(requests) and not Ansible's own URL helper because it keeps connections open and shares them
    between threads. The helper opens a new one for each request, which takes the client 17 times as long and costs the
    server a TLS handshake. C(jsonpatch) builds and applies the JSON Patch documents that the API takes.
  - Reading settings makes the platform create missing ones with its defaults, in check mode too.
  - Refused log-ins are never repeated, because the platform locks users after several of them.
  - The size of responses and the duration of a run are limited, see
    R(Failures and limits, ansible_collections.ngcp.fax.docsite.limits).
"""

    # On top of it for plugins: Ansible reads their environment variables by itself.
    PLUGINS = r"""
options:
  api_url:
    env:
      - name: NGCP_API_URL
  api_username:
    env:
      - name: NGCP_API_USERNAME
  api_password:
    env:
      - name: NGCP_API_PASSWORD
  api_token:
    env:
      - name: NGCP_API_TOKEN
  api_otp:
    env:
      - name: NGCP_API_OTP
  client_cert:
    env:
      - name: NGCP_API_CLIENT_CERT
  client_key:
    env:
      - name: NGCP_API_CLIENT_KEY
  auth_method:
    env:
      - name: NGCP_API_AUTH_METHOD
  validate_certs:
    env:
      - name: NGCP_API_VALIDATE_CERTS
  ca_path:
    env:
      - name: NGCP_API_CA_PATH
  timeout:
    env:
      - name: NGCP_API_TIMEOUT
  retries:
    env:
      - name: NGCP_API_RETRIES
  concurrency:
    env:
      - name: NGCP_API_CONCURRENCY
"""

    # On top of it for modules: where their tasks run.
    MODULES = r"""
notes:
  - With a local connection and without C(become), C(async) or C(environment) the task runs in Ansible's own process on
    the control node, which takes a fraction of the time of a module and gives the same results. The items of a loop
    then share one log-in. The variable C(ngcp_fax_in_process) and the environment variable E(NGCP_FAX_IN_PROCESS)
    switch that off.
attributes:
  action:
    description: Has an action plugin, so that the task can run on the control node.
    support: full
  async:
    description: Supports the C(async) keyword.
    support: full
  action_group:
    description: Use C(group/ngcp.fax.ngcp) in C(module_defaults) to set the connection for all modules.
    support: full
    membership:
      - ngcp.fax.ngcp
"""
