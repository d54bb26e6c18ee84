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
  - Sends a file, a text or both as a fax, in the name of a subscriber. Can wait until the fax has got through.
  - The platform answers to a fax with nothing but "accepted", without an id, and would not notice a repetition.
    Therefore the module keeps receipts. The same document and text for the same destination, from the same subscriber,
    is sent once, however often the task runs and whatever interrupts it.
  - The request is never repeated once all of it has left. Only the API itself settles what became of it, by accepting
    or refusing the fax. After a lost answer, a failure of the server, or whatever a proxy answers, the journal of the
    platform tells whether the fax was sent; where it does not, the task fails with the status V(unknown).
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.subscriber.keys
options:
  subscriber_id:
    description:
      - The platform's id of the subscriber who sends. The fax service must be active for it.
      - One of the four keys is needed. Several may be given if they agree.
    type: int
  destination:
    description:
      - The number to be dialled, C(user@domain), or a C(sip:) URI. It is sent as it is written.
      - Quote it. YAML makes another number of one that begins with a zero, which is therefore refused without quotes.
    type: str
    required: true
  src:
    description:
      - A file to be faxed, from 1 byte to 64 MiB. PDF, TIFF, PostScript and text in UTF-8 are recognised by content.
      - It is found like the C(src) of M(ansible.builtin.copy), in C(files/) on the control node, and it may be vaulted.
      - O(src), O(text) or both are needed.
    type: path
  remote_src:
    description: Whether O(src) is on the host that runs the module already.
    type: bool
    default: false
  text:
    description:
      - A text to be faxed, up to 1,048,576 characters. Blanks around it are cut off.
      - It is not shown in results and logs.
    type: str
  receipts:
    description:
      - Directory of the receipts, on the host that runs the module. It is made when it is missing. Receipts hold
        subscriber, destination and SHA-256, but no content.
      - A directory into which everybody may write is refused. So is a receipt that is damaged or was written by a newer
        version of the collection. Nothing is sent then.
      - The default is C(ngcp_fax/receipts) in the Ansible home (E(ANSIBLE_HOME), else C(~/.ansible)).
    type: path
  job_id:
    description:
      - A key of your own, such as the number of an order. It stands for the content in place of its hash, so that a
        document that is made anew in each run, with another date in it, is still the same fax. At most 1,000
        characters.
    type: str
  unless_sent_within:
    description:
      - Do not send if the journal has a fax of the subscriber to the destination that is at most so many seconds old
        and has not failed, whatever its content and whoever sent it. From 1 to 315,360,000 (ten years).
    type: int
  force:
    description: Send in any case.
    type: bool
    default: false
  on_uncertain:
    description:
      - What to do when an earlier run could not find out whether the fax was sent, and the journal does not tell now.
      - V(fail) sends nothing and fails.
      - V(resend) sends the fax once more. The destination may then get it twice.
    type: str
    choices: [fail, resend]
    default: fail
  wait:
    description:
      - Wait until the journal shows the final status. The task fails if that is V(FAILED), with the platform's reason.
      - A fax that was sent by an earlier run is waited for as well.
      - RV(progress) shows the way. It is part of the result, which Ansible shows with C(-v).
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds to wait for the final status, at most 604,800 (a week). Then the task fails; the next run goes on
        waiting.
      - The task can take longer than that by what one look into the journal takes. It ends before when the server does
        not answer three looks in a row, cannot be reached, or refuses the user.
    type: int
    default: 300
  poll_interval:
    description: Seconds between two looks into the journal, from 1 to 3,600.
    type: int
    default: 5
attributes:
  check_mode:
    support: full
    details:
      - Checks the file, the directory of receipts, the subscriber and that its fax service is active, and asks the
        journal about earlier runs. Sends nothing and writes no receipt.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - A second run finds the receipt of the first one and sends nothing. O(force) sends again in any case, and
        O(on_uncertain=resend) does so if nobody can say what became of the first one.
notes:
  - The API takes C(quality), C(pageheader), C(coverpage) and C(notify) with a fax, but throws them away before the fax
    reaches the fax server. Therefore the module does not have them. The name in the header line is a setting of the
    subscriber, O(ngcp.fax.fax_settings#module:name).
  - A Community Edition (C(spce)) accepts faxes and never sends them. The module warns where the platform tells what it
    is.
  - Large files need time on the server. With a O(timeout) that is too short the outcome can become V(unknown).
  - Two runs with the same fax wait for each other if they use the same directory of receipts. Runs on several hosts do
    not know of each other unless they share it.
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
    - name: Send a text and wait until it has got through
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

    - name: Send an order once, even if its document is made anew in each run
      ngcp.fax.fax_send:
        subscriber_id: 3
        destination: "431110004"
        src: order.pdf
        text: With best regards
        job_id: order-2026-1123

    - name: Send a file that is on the managed host, unless anybody faxed there within the last hour
      ngcp.fax.fax_send:
        subscriber_id: 3
        destination: "431110005"
        src: /tmp/test_fax.pdf
        remote_src: true
        unless_sent_within: 3600
"""

RETURN = r"""
fax:
  description: The fax, and what has become of it.
  returned: always, unless Ansible itself refuses the arguments
  type: dict
  contains:
    fax_id:
      description: The journal's id, where known, as in the other modules.
      type: int
      sample: 5
    status:
      description:
        - V(queued) or V(sending) for a fax on its way, V(success) for one that got through.
        - V(failed) for one that did not get through, that was refused, or that was not sent because the task failed
          before.
        - V(already_sent) if an earlier run (or, with O(unless_sent_within), anybody) has sent it, and nothing was sent
          now.
        - V(unknown) if it may have been sent and may not, by this run or by an earlier one.
      type: str
      sample: queued
    subscriber_id:
      description: The platform's id of the subscriber.
      type: int
      sample: 3
    subscriber:
      description: The subscriber as C(user@domain), where it was given or looked up.
      type: str
      sample: alice@example.org
    destination:
      description: The destination as it is sent.
      type: str
      sample: "431110002"
    server_status:
      description: The status in the platform's word, where known.
      type: str
      sample: QUEUED
    reason:
      description: The platform's reason, where known.
      type: str
      sample: Normal Clearing
    pages:
      description: Number of pages, where known.
      type: int
      sample: 1
    duration:
      description: Duration in seconds, where known.
      type: int
      sample: 35
    time:
      description: When it was sent, in the platform's own time zone, where known.
      type: str
      sample: "2026-11-23 09:12:23"
receipt:
  description: File of the receipt on the host that runs the module. Null if the task failed before it was known.
  returned: always, unless Ansible itself refuses the arguments
  type: str
  sample: /home/user/.ansible/ngcp_fax/receipts/5f0c.json
sha256:
  description: SHA-256 of the file, or of the text where there is no file. Null if the input is wrong.
  returned: always, unless Ansible itself refuses the arguments
  type: str
  sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
progress:
  description: Each status that the journal showed, and after how many seconds it was seen.
  returned: always, unless Ansible itself refuses the arguments
  type: list
  elements: dict
  sample: [{"seconds": 0.3, "status": "QUEUED"}, {"seconds": 5.4, "status": "SUCCESS"}]
summary:
  description: How many HTTP requests were sent, log-in and repetitions (C(retries)) included.
  returned: always, unless Ansible itself refuses the arguments
  type: dict
  sample: {"requests": 5, "retries": 0}
changed:
  description:
    - Whether the fax was sent by this run, or may have been. In check mode, whether it would be sent.
  returned: always
  type: bool
  sample: true
error:
  description:
    - Why the task failed, with C(code), C(http_status), C(message), C(retryable) and C(hint). C(outcome_unknown) goes
      with the status V(unknown), C(fax_failed) with a fax that did not get through. RV(msg) holds both message and
      hint.
    - What the server repeats of the fax is masked.
  returned: when the task failed
  type: dict
  sample: {"code": "fax_inactive", "http_status": 422,
           "message": "The server answered 422: Invalid subscriber fax preferences", "retryable": false,
           "hint": "Switch the fax service of the subscriber on, with ngcp.fax.fax_settings and active: true."}
msg:
  description: Why the task failed and what can be done about it, as one text.
  returned: when the task failed
  type: str
  sample: "The fax service of subscriber 3 is off. Switch it on, with ngcp.fax.fax_settings and active: true."
"""

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.send_task import send_task
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module


def main() -> None:
    """Run the module."""
    run_module(send_task())


if __name__ == "__main__":
    main()
