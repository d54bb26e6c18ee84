#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fax_send
short_description: Send a fax through the Sipwise NGCP exactly once
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Sends a file, text, or both as a fax on behalf of a subscriber. Can wait until the fax has been delivered.
  - The platform's only response to a fax is "accepted", without an id, and it does not detect repetitions. The module
    therefore keeps receipts. The same document and text is sent from the same subscriber to the same destination only
    once, however often the task runs and whatever interrupts it.
  - Once the request has been sent completely, it is never repeated. Only the API itself settles the outcome, by
    accepting or refusing the fax. After a lost response, a server failure, or a response from a proxy, the module
    checks the platform's journal to find out whether the fax was sent. If the journal does not show it, the task fails
    with the status V(unknown).
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.subscriber.keys
options:
  subscriber_id:
    description:
      - The platform's id of the sending subscriber, whose fax service must be active.
      - One of the four keys is needed. You can set several if they agree.
    type: int
  destination:
    description:
      - The number to dial, C(user@domain), or a C(sip:) URI. It is sent exactly as written.
      - Quote it. An unquoted number is refused, because YAML reads a number with a leading zero as a different number.
    type: str
    required: true
  src:
    description:
      - The file to fax, from 1 byte to 64 MiB. PDF, TIFF, PostScript and UTF-8 text are recognised by their content.
      - It is searched for in C(files/) on the control node, like the C(src) of M(ansible.builtin.copy), and can be
        vaulted.
      - O(src), O(text) or both are needed.
    type: path
  remote_src:
    description: Whether O(src) is already on the host that runs the module.
    type: bool
    default: false
  text:
    description:
      - Text to fax, up to 1,048,576 characters. Blanks at its beginning and end are removed.
      - It is not shown in results and logs.
    type: str
  receipts:
    description:
      - Directory for the receipts, on the host that runs the module. It is created if it does not exist. A receipt
        holds the subscriber, destination and SHA-256, but no content.
      - A world-writable directory is refused, and so is a receipt that is damaged or was written by a newer version of
        the collection. In these cases nothing is sent.
      - The default is C(ngcp_fax/receipts) in the Ansible home directory (E(ANSIBLE_HOME), or C(~/.ansible)).
    type: path
  job_id:
    description:
      - Your own key for the fax, such as an order number, with at most 1,000 characters. It identifies the content
        instead of its hash. A document that is generated again in each run, for example with a new date in it, then
        still counts as the same fax.
    type: str
  unless_sent_within:
    description:
      - Do not send the fax if the journal has a fax from the subscriber to the destination that is not older than this
        number of seconds and has not failed, regardless of its content and of who sent it. From 1 to 315,360,000 (ten
        years).
    type: int
  force:
    description: Send the fax even if it was, or may have been, sent before.
    type: bool
    default: false
  on_uncertain:
    description:
      - What to do if an earlier run could not find out whether the fax was sent, and the journal still does not show
        it.
      - V(fail) sends nothing and fails.
      - V(resend) sends the fax again. The destination may then receive it twice.
    type: str
    choices: [fail, resend]
    default: fail
  wait:
    description:
      - Wait until the journal shows the final status. The task fails if that is V(FAILED), with the platform's reason.
      - This also applies to a fax that was sent by an earlier run.
      - RV(progress) in the result lists the statuses on the way. Ansible shows results with C(-v).
    type: bool
    default: false
  wait_timeout:
    description:
      - Number of seconds to wait for the final status, at most 604,800 (a week). After that the task fails; the next
        run continues to wait.
      - The task can take longer by the duration of one journal request. It ends earlier if the server does not respond
        to three such requests in a row, cannot be reached, or refuses the user.
    type: int
    default: 300
  poll_interval:
    description: Number of seconds between two journal requests, from 1 to 3,600.
    type: int
    default: 5
attributes:
  check_mode:
    support: full
    details:
      - Checks the file, the directory for receipts, and the subscriber with its fax service, and looks for earlier runs
        in the journal. Sends nothing and writes no receipt.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - A second run finds the receipt of the first one and sends nothing. O(force) sends again in any case, and
        O(on_uncertain=resend) does so if nobody can say what became of the first one.
notes:
  - The API accepts C(quality), C(pageheader), C(coverpage) and C(notify) with a fax, but discards them before the fax
    reaches the fax server. The module therefore does not have these options. The name in the header line is a setting
    of the subscriber, O(ngcp.fax.fax_settings#module:name).
  - A Community Edition (C(spce)) accepts faxes but never sends them. The module warns about this if the platform
    reports its edition.
  - The server needs time for large files. If O(timeout) is too short, the outcome can become V(unknown).
  - If two runs send the same fax and use the same directory for receipts, one waits for the other. Runs on several
    hosts are not aware of each other unless they share this directory.
seealso:
  - module: ngcp.fax.fax_info
  - module: ngcp.fax.fax_settings
"""

EXAMPLES = r"""
- name: Send a PDF as fax to 431110002 from the subscriber with ID 3
  ngcp.fax.fax_send:
    api_url: https://ngcp.example.org:1443
    api_username: automation
    api_password: "{{ vault_ngcp_password }}"
    subscriber_id: 3
    destination: "431110002"
    src: /tmp/test_fax.pdf

- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Send text and wait until it has been delivered
      ngcp.fax.fax_send:
        subscriber: user0003@pbx.example.org
        destination: "+43 1 1110003"
        text: |
          The backup of tonight has failed.
          Please call the operator.
        wait: true
        wait_timeout: 600
        poll_interval: 1
      register: alarm

    - name: Send an order once, even if its document is generated again in each run
      ngcp.fax.fax_send:
        subscriber_id: 3
        destination: "431110004"
        src: order.pdf
        text: With best regards
        job_id: order-2026-1123

    - name: Send a file on the managed host, unless a fax was sent to that number within the last hour
      ngcp.fax.fax_send:
        subscriber_id: 3
        destination: "431110005"
        src: /tmp/test_fax.pdf
        remote_src: true
        unless_sent_within: 3600
"""

RETURN = r"""
fax:
  description: The fax and its outcome.
  returned: always, unless Ansible itself refuses the arguments
  type: dict
  contains:
    fax_id:
      description: Id of the fax in the journal, if known, as in the other modules.
      type: int
      sample: 5
    status:
      description:
        - V(queued) or V(sending) for a fax that is on its way, V(success) for one that was delivered.
        - V(failed) for a fax that was not delivered, that was refused, or that was not sent because the task failed
          earlier.
        - V(already_sent) if the fax was sent by an earlier run (or, with O(unless_sent_within), by anybody), and
          nothing was sent now.
        - V(unknown) if it is not known whether the fax was sent, by this run or by an earlier one.
      type: str
      sample: queued
    subscriber_id:
      description: The platform's id of the subscriber.
      type: int
      sample: 3
    subscriber:
      description: The subscriber as C(user@domain), if it was set or looked up.
      type: str
      sample: alice@example.org
    destination:
      description: The destination as sent.
      type: str
      sample: "431110002"
    server_status:
      description: Status as reported by the platform, if known.
      type: str
      sample: QUEUED
    reason:
      description: Reason given by the platform, if known.
      type: str
      sample: Normal Clearing
    pages:
      description: Number of pages, if known.
      type: int
      sample: 1
    duration:
      description: Duration in seconds, if known.
      type: int
      sample: 35
    time:
      description: When the fax was sent, in the platform's own time zone, if known.
      type: str
      sample: "2026-11-23 09:12:23"
receipt:
  description: Path of the receipt on the host that runs the module. Null if the task failed before the path was known.
  returned: always, unless Ansible itself refuses the arguments
  type: str
  sample: /home/user/.ansible/ngcp_fax/receipts/5f0c.json
sha256:
  description: SHA-256 of the file, or of the text if there is no file. Null if the input is wrong.
  returned: always, unless Ansible itself refuses the arguments
  type: str
  sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
progress:
  description: Each status that the journal showed, and the number of seconds after which it was seen.
  returned: always, unless Ansible itself refuses the arguments
  type: list
  elements: dict
  sample: [{"seconds": 0.3, "status": "QUEUED"}, {"seconds": 5.4, "status": "SUCCESS"}]
summary:
  description: Number of HTTP requests, including the log-in and repetitions (C(retries)).
  returned: always, unless Ansible itself refuses the arguments
  type: dict
  sample: {"requests": 5, "retries": 0}
changed:
  description:
    - Whether this run sent the fax or may have sent it. In check mode, whether the fax would be sent.
  returned: always
  type: bool
  sample: true
error:
  description:
    - Why the task failed, with C(code), C(http_status), C(message), C(retryable) and C(hint). The code is
      C(outcome_unknown) if the status is V(unknown), and C(fax_failed) for a fax that was not delivered. RV(msg)
      contains both message and hint.
    - Parts of the fax that the server repeats in its message are masked.
  returned: when the task failed
  type: dict
  sample: {"code": "fax_inactive", "http_status": 422,
           "message": "The server responded with 422: Invalid subscriber fax preferences", "retryable": false,
           "hint": "Switch on the subscriber's fax service, with ngcp.fax.fax_settings and active: true."}
msg:
  description: Why the task failed and what you can do about it, as one string.
  returned: when the task failed
  type: str
  sample: "The fax service of subscriber 3 is off. Switch it on with ngcp.fax.fax_settings and active: true."
"""

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.send_task import send_task
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module


def main() -> None:
    """Run the module."""
    run_module(send_task())


if __name__ == "__main__":
    main()
