# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options that all modules and plugins share: where the platform is, and who calls it."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the platform's API, for example V(https://ngcp.example.org:1443). C(/api) at the end is optional.
      - Plain C(http) is accepted for loopback addresses only.
      - If not set, the environment variable E(NGCP_API_URL) is used.
    type: str
    required: true
  api_username:
    description:
      - Name of an administrator or reseller or, on the self-care address, the web name of a subscriber as
        C(user@domain).
      - If not set, the environment variable E(NGCP_API_USERNAME) is used.
    type: str
  api_password:
    description:
      - Password that belongs to O(api_username).
      - If not set, the environment variable E(NGCP_API_PASSWORD) is used.
    type: str
  api_token:
    description:
      - An existing JSON Web Token to use instead of logging in.
      - If O(api_username) and O(api_password) are also set, the collection logs in once when the token has expired.
      - If not set, the environment variable E(NGCP_API_TOKEN) is used.
    type: str
  api_otp:
    description:
      - The current one-time password, for users with two-factor authentication.
      - If not set, the environment variable E(NGCP_API_OTP) is used.
    type: str
  client_cert:
    description:
      - PEM file with a client certificate that was issued by the platform. The file can also contain the key.
      - If not set, the environment variable E(NGCP_API_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - PEM file with the key for O(client_cert), without a passphrase.
      - If not set, the environment variable E(NGCP_API_CLIENT_KEY) is used.
    type: path
  auth_method:
    description:
      - How to authenticate to the platform.
      - V(auto) uses the client certificate if there is one, otherwise the token. Without either, it logs in once to get
        a token, and falls back to Basic authentication if the server does not issue tokens.
      - V(basic) costs the server about 0.4 seconds of CPU time for each request.
      - If not set, the environment variable E(NGCP_API_AUTH_METHOD) is used.
    type: str
    choices: [auto, jwt, basic, client_cert]
    default: auto
  validate_certs:
    description:
      - Whether to verify the server's TLS certificate.
      - If not set, the environment variable E(NGCP_API_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File or directory with the certificate authorities to trust instead of the system's.
      - If not set, the environment variable E(NGCP_API_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Maximum time in seconds for one request with its response, from 1 to 3600. The same limit applies to connecting,
        and between two pieces of a response.
      - Requests and responses that carry a document or a recording get one more second for each 32 KiB.
      - Lists are read in pages of 100. If a page does not arrive in time, smaller pages are requested, and fewer of
        them at once.
      - If not set, the environment variable E(NGCP_API_TIMEOUT) is used.
    type: int
    default: 60
  retries:
    description:
      - How many times a request that is safe to repeat is retried after a temporary failure, from 0 to 20. The delays
        are random and grow with each try. The server's C(Retry-After) is honoured up to 60 seconds.
      - A write whose outcome is unknown is repeated only if a read shows that it was not applied.
      - If the server does not respond for one item after all these tries, each of the next items is tried once. After
        three such items in a row the run ends, and the remaining items are not attempted.
      - If not set, the environment variable E(NGCP_API_RETRIES) is used.
    type: int
    default: 3
  concurrency:
    description:
      - Maximum number of simultaneous requests, from 1 to 64. Fewer are used if the server has trouble with parallel
        writes.
      - If not set, the environment variable E(NGCP_API_CONCURRENCY) is used.
    type: int
    default: 4
requirements:
  - python >= 3.9
  - requests >= 2.25.0
  - jsonpatch >= 1.32
notes:
  - The libraries are needed on the host where the task runs. With a local connection, this is the control node. Plugins
    always run on the control node, where C(ansible-core) itself requires Python 3.10 or later.
  - The modules use C(requests) instead of Ansible's own URL helper because it keeps connections open and shares them
    between threads. The helper opens a new connection for each request, which takes the client 17 times as long and
    costs the server a TLS handshake. C(jsonpatch) builds and applies the JSON Patch documents that the API accepts.
  - When settings are read, the platform creates missing ones with its defaults. This also happens in check mode.
  - A refused log-in is never retried, because the platform locks users after several failed log-ins.
  - The size of responses and the duration of a run are limited; see
    U(https://github.com/ngcp-fax/ngcp.fax/blob/main/docs/failures-and-limits.md).
"""

    # In addition, for plugins: Ansible itself reads their environment variables.
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

    # In addition, for modules: where their tasks run.
    MODULES = r"""
notes:
  - With a local connection and without C(become), C(async) or C(environment), the task runs in Ansible's own process on
    the control node. The results are the same, but it takes a fraction of the time, and the items of a loop share one
    log-in. To switch this off, set the variable C(ngcp_fax_in_process) or the environment variable
    E(NGCP_FAX_IN_PROCESS) to V(false).
attributes:
  action:
    description: Has an action plugin, which lets the task run on the control node.
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
