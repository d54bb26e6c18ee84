#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet
short_description: Manage the fax settings, mail to fax settings and call forwards of a whole fleet of subscribers
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Makes the fax settings, the mail to fax settings and the call forwards to the fax box of many subscribers match a
    file or a list. All entries are checked, all subscribers are looked up and read once, and all changes are planned.
    Only then is anything written, in waves, and only what differs.
  - The plan can be written to a file, approved, and then applied exactly. An undo file can keep the previous values,
    and result files show the outcome of each row.
  - The role P(ngcp.fax.fleet#role) runs the module with variables. With the playbook C(ngcp.fax.fleet) you do not need
    a playbook of your own.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
options:
  src:
    description:
      - A fleet file. Like the C(src) of M(ansible.builtin.copy), it is searched for in C(files/) on the control node,
        and then relative to the directory in which Ansible was started. It can be vaulted.
      - The file name must end in C(.csv), C(.json), C(.yml) or C(.yaml). See the notes for what an entry can contain.
      - Exactly one of O(src), O(subscribers), O(hosts) and O(undo) is needed.
    type: path
  subscribers:
    description:
      - The entries as a list of dictionaries. For thousands of entries, a file is much faster.
    type: list
    elements: dict
  hosts:
    description:
      - Names of inventory hosts. Hosts that have one of the variables C(fleet_entry), C(fleet_fax), C(fleet_mail2fax)
        and C(fleet_fax_forward) become entries; other hosts are left out. Unknown variables that begin with C(fleet_)
        are errors, see M(ngcp.fax.role_variables).
      - C(fleet_entry) is an entry as in a file, and the others are its nested parts. The subscriber is named by the
        entry itself, otherwise by the first of the variables C(ngcp_subscriber_id), C(ngcp_subscriber), C(ngcp_number)
        and C(ngcp_subscriber_external_id) that is set, otherwise by the name of the host if it has the form
        C(user@domain).
    type: list
    elements: str
  state:
    description:
      - V(present) sets the fields that an entry declares and leaves the others alone.
      - V(replaced) also sets the fields that an entry does not declare to the platform's defaults, for each kind of
        settings of which the entry declares at least one field. For call forwards it is the same as V(present).
    type: str
    choices: [present, replaced]
    default: present
  update_password:
    description: When to write passwords, see O(ngcp.fax.fax_settings#module:update_password).
    type: str
    choices: [always, on_create]
    default: always
  update_secret_key:
    description: When to write secret keys, see O(ngcp.fax.mail2fax_settings#module:update_secret_key).
    type: str
    choices: [always, on_create]
    default: always
  destinations_mode:
    description: How to interpret lists of destinations, see O(ngcp.fax.fax_settings#module:destinations_mode).
    type: str
    choices: [replace, merge]
    default: replace
  secret_renew_notify_mode:
    description:
      - How to interpret lists of notified addresses, see O(ngcp.fax.mail2fax_settings#module:secret_renew_notify_mode).
    type: str
    choices: [replace, merge]
    default: replace
  acl_mode:
    description: How to interpret access lists, see O(ngcp.fax.mail2fax_settings#module:acl_mode).
    type: str
    choices: [replace, merge]
    default: replace
  replace_foreign:
    description:
      - Whether to replace call forwards that somebody else has created, see
        O(ngcp.fax.fax_forward#module:replace_foreign).
    type: bool
    default: false
  allow_empty:
    description:
      - Whether a fleet without any entries is acceptable. By default it is an error, because it usually means that a
        file was cut off, a variable is empty, or no host has the variables.
    type: bool
    default: false
  max_changes:
    description:
      - Maximum number of subscribers that may change, as a number or as a percentage of the fleet such as V(10%). A
        subscriber with changes of several kinds counts once.
      - If more would change, the task fails before the first write. This also applies to O(max_deactivated) and
        O(max_emptied).
    type: str
  max_deactivated:
    description:
      - Maximum number of subscribers whose fax service, mail to fax service or call forward may be switched off, as a
        number or as a percentage of the fleet.
      - Without a limit, a tenth or more of a fleet of at least two subscribers causes a warning. This also applies to
        O(max_emptied).
    type: str
  max_emptied:
    description:
      - Maximum number of lists (of destinations, notified addresses, or rules) that may become empty, as a number or as
        a percentage of the number of subscribers.
    type: str
  waves:
    description:
      - Sizes of the waves in which the subscribers that change are written, each as a number or as a percentage of
        these subscribers. The last size is repeated until all are written, like C(serial) of a play.
      - By default, one subscriber is written first, and then all others.
    type: list
    elements: str
    default: ["1", "100%"]
  max_failures:
    description:
      - Maximum number of subscribers that may fail or be unverified before the next wave is written, as a number or as
        a percentage of those written so far. By default there is no limit.
    type: str
  on_error:
    description:
      - V(continue) continues with the other subscribers when one cannot be written. The task fails at the end.
      - V(stop) leaves the subscribers after it unchanged.
      - If the platform refuses the user or no longer responds, the run always stops.
    type: str
    choices: [continue, stop]
    default: continue
  on_plan_error:
    description:
      - V(stop) writes nothing if a subscriber cannot be planned, for example because it does not exist on the platform.
      - V(continue) writes the others. The task fails at the end.
    type: str
    choices: [stop, continue]
    default: stop
  return_unchanged:
    description: Whether RV(subscribers) also lists unchanged subscribers.
    type: bool
    default: false
  plan_out:
    description:
      - Path of a file to which the plan is written, to be approved and applied later with O(plan). Requires check mode
        or O(plan_only).
      - The plan contains no secrets, and only its owner can read it. M(ngcp.fax.drift_report) shows it as a page.
      - If the run is refused, for example by O(max_changes), no plan is written. A file that is not a plan is not
        overwritten.
    type: path
  plan_only:
    description: Whether to plan only, like check mode but for this task alone.
    type: bool
    default: false
  plan:
    description:
      - Path of an approved plan. Only its changes are written, and only where a new plan still has the same changes. An
        approved change that is no longer needed counts as unchanged.
      - The input (O(src), O(subscribers) or O(hosts)) is needed as well, because the plan contains no secrets. The
        input, the platform, the version of the collection, O(state), O(update_password), O(update_secret_key),
        O(replace_foreign) and the modes of the lists must be the same as when the plan was created.
      - In check mode the plan is compared in the same way, but nothing is written.
    type: path
  plan_max_age:
    description:
      - Maximum age of O(plan) in seconds. By default there is no limit. A plan whose creation time is more than a
        minute in the future, by this host's clock, is always refused.
    type: int
  on_stale:
    description:
      - What to do with subscribers whose changes now differ from those in O(plan), because somebody has changed the
        subscriber in the meantime, or that are not in O(plan). Such subscribers are V(stale) and never written.
      - V(stop) writes nothing and reports all of them, with both plans. V(skip) writes the others. The task fails in
        both cases.
    type: str
    choices: [stop, skip]
    default: stop
  undo_dir:
    description:
      - Directory for an undo file, which is saved before the first write. For everything that the run changes, it
        contains the previous values and the values that the run sets. The directory is created if it does not exist,
        and only its owner can read the file.
      - To undo the run, use O(undo) or the playbook C(ngcp.fax.undo).
    type: path
  undo_secrets:
    description:
      - V(omit) leaves secrets out of the undo file; they cannot be restored. The file has their names.
      - V(vault) includes them, and encrypts the whole undo file with the vault password of the run (the first one, or
        the one that C(vault_encrypt_identity) names). This is possible only if the task runs in Ansible's own process
        on the control node.
    type: str
    choices: [omit, vault]
    default: omit
  undo:
    description:
      - An undo file, which is searched for like O(src) and can be vaulted. Each field that the run changed is set back
        to its previous value if it still has the value that the run set. A field that already has its previous value is
        left alone; a second undo changes nothing.
      - A field with any other value is a conflict. Somebody has changed it since the run, and the undo does not
        overwrite that; it leaves the field unchanged, issues a warning, and lists the field in
        RV(subscribers[].conflicts). The other fields of the subscriber are still restored. Conflicts do not fail the
        task. To write the previous values regardless, use the undo file as O(src).
      - Lists are compared and restored as a whole. Changes that were certainly not written are skipped. Changes that a
        killed run may have written are treated like the others.
      - Options that determine how entries are interpreted, such as O(state) and O(acl_mode), must have their defaults.
    type: path
  results_dir:
    description:
      - Directory for result files, which contain the entries sorted by their outcome, with the columns of the input and
        the additional columns C(_status), C(_code), C(_message) and C(_hint). The directory is created if it does not
        exist, and only its owner can read the files.
      - The files are C(changed), C(unchanged), C(failed) (includes unverified), C(not_attempted) and C(stale), each
        ending in C(.csv) if O(src) is a CSV file and in C(.yml) otherwise. Files of an earlier run are replaced. In
        check mode, C(changed) contains what would change, and C(_status) is C(would_change).
      - C(failed) and C(not_attempted) can be used as O(src). They do not contain secrets, and secrets on the platform
        then stay unchanged. With O(state=replaced), however, they would be cleared unless you add them to the file
        first.
      - The files are created before the first write, with everything that is to be written in C(not_attempted). They
        are therefore correct even if the run is killed. If the input is wrong, existing files stay unchanged.
      - If the files cannot be written, nothing is written to the platform either. If they cannot be replaced at the end
        of the run, the task fails, with the complete result.
    type: path
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - An entry names its subscriber by C(subscriber_id), C(subscriber), C(number) or C(subscriber_external_id).
  - The fields are those of both settings modules. C(active) means the fax service, C(mail2fax_active) the mail to fax
    service. Every field can also have the prefix C(fax_) or C(mail2fax_) or, except in CSV files, be nested in a
    dictionary C(fax) or C(mail2fax). The same field twice in an entry is an error.
  - C(forward) (V(unconditional), V(none) and so on), C(ring_timeout) and C(fax_forward_enabled) are the fields of
    M(ngcp.fax.fax_forward). Except in CSV files, they can be nested in a dictionary C(fax_forward). Call forwards are
    read only if an entry has one of these fields.
  - Fields in the output of the info modules that only the server sets are ignored, and so are all names that begin with
    an underscore.
  - Paths other than O(src) and O(undo) refer to the host that the task runs on. If this is the control node itself,
    relative paths start at the directory in which Ansible was started.
  - The platform has no conditional writes. A plan that is more than ten seconds old is compared with the platform again
    just before each write, but somebody else can still change the subscriber between that read and the write.
seealso:
  - module: ngcp.fax.fax_settings
  - module: ngcp.fax.mail2fax_settings
  - module: ngcp.fax.fax_forward
  - module: ngcp.fax.drift_report
"""

EXAMPLES = r"""
- name: Apply a fleet file, but stop if more than a tenth of the fleet would change
  ngcp.fax.fleet:
    src: fleet.csv
    max_changes: 10%

- name: Apply it in growing waves, and stop as soon as anything fails
  ngcp.fax.fleet:
    src: fleet.csv
    waves: [1, 1%, 10%, 100%]
    max_failures: 0

- name: Create a plan, without changing anything
  ngcp.fax.fleet:
    src: fleet.csv
    plan_only: true
    plan_out: plan.json

- name: Show it as a page to the person who approves it
  ngcp.fax.drift_report:
    plan: plan.json
    dir: approval

- name: Apply exactly what was approved, if the plan is not older than a day
  ngcp.fax.fleet:
    src: fleet.csv
    plan: plan.json
    plan_max_age: 86400

- name: Apply it, and keep the previous values
  ngcp.fax.fleet:
    src: fleet.csv
    undo_dir: undo
  register: applied

- name: Restore the previous values
  ngcp.fax.fleet:
    undo: "{{ applied.undo }}"
  when: applied.undo is defined

- name: Apply it, and write files with the outcome of each row
  ngcp.fax.fleet:
    src: fleet.csv
    results_dir: /var/lib/ngcp/results

- name: Retry the failed rows, if there are any
  ngcp.fax.fleet:
    src: /var/lib/ngcp/results/failed.csv
    allow_empty: true
    results_dir: /var/lib/ngcp/results-2
"""

RETURN = r"""
subscribers:
  description:
    - The subscribers that changed (in check mode, would change), failed, are unverified, stale or were not attempted,
      in the order of the input. With O(undo) also those for which something cannot be restored.
  returned: always, unless the input is wrong
  type: list
  elements: dict
  contains:
    index:
      description: Position of the entry in the input, counted from 0.
      type: int
      sample: 0
    entry:
      description: The entry as it is called in messages.
      type: str
      sample: fleet.csv row 17
    subscriber_id:
      description: The platform's id, if known.
      type: int
      sample: 4711
    subscriber:
      description: The subscriber as C(user@domain), if known.
      type: str
      sample: alice@example.org
    status:
      description:
        - V(changed), V(unchanged), V(failed), V(unverified) (a write was sent, but its result could not be confirmed),
          V(not_attempted) (the run stopped before this subscriber), or V(stale) (not written, because the plan is not
          the one that was approved).
        - If the kinds of settings have different statuses, it is the worst one.
      type: str
      sample: changed
    modules:
      description:
        - For C(fax_settings), C(mail2fax_settings) and C(fax_forward), if the entry has fields of that kind, a
          dictionary with C(status) and, after a failure, C(error).
      type: dict
      sample: {"fax_settings": {"status": "changed"}}
    changes:
      description: The fields that differ, with C(module), C(field), C(before) and C(after). Secrets are masked.
      type: list
      elements: dict
      sample: [{"module": "fax_settings", "field": "active", "before": false, "after": true}]
    patch:
      description:
        - The JSON Patch operations that were sent (in check mode, would be sent), each with C(module). Secrets are
          masked.
      type: list
      elements: dict
      sample: [{"module": "fax_settings", "op": "replace", "path": "/active", "value": true}]
    settings:
      description:
        - The settings after the run (in check mode, as predicted), if known, below C(fax_settings),
          C(mail2fax_settings) and C(fax_forward). Secrets are masked.
      type: dict
      sample: {"fax_settings": {"active": true}}
    conflicts:
      description:
        - The fields that an undo left unchanged, with C(module), C(field), and the value before the run (C(before)),
          the value that the run set (C(set)), and the current value (C(now)). Secrets are masked.
      returned: with O(undo), for subscribers for which something cannot be restored
      type: list
      elements: dict
      sample: [{"module": "fax_settings", "field": "name", "before": "Sales", "set": "Accounts", "now": "Front desk"}]
    left_out:
      description:
        - The fields that an undo cannot restore, with C(field) and C(reason).
        - V(secret) means that secrets were left out of the undo file, V(renewed) that the platform may have replaced a
          secret key since the run, because the run changed C(secret_key_renew), V(server) that only the platform sets
          the field, V(not_shown) that the platform did not show the value before the run, V(lost) that somebody else
          had created the call forward that the run replaced, and V(refused) that the platform no longer accepts the
          previous value.
      returned: with O(undo), for subscribers for which something cannot be restored
      type: list
      elements: dict
      sample: [{"field": "fax.password", "reason": "secret"}]
    error:
      description: The first of the errors, with C(module).
      returned: for failed, unverified and stale subscribers
      type: dict
      sample: {"code": "not_found", "http_status": 404, "message": "The server responded with 404", "retryable": false,
               "hint": "It does not exist, is terminated, or belongs to somebody else.", "module": "fax_settings"}
summary:
  description:
    - Number of subscribers, in total and for each status, number of HTTP requests, and number of services that were
      switched off and lists that became empty (C(deactivated), C(emptied)).
    - C(fax_settings), C(mail2fax_settings) and C(fax_forward) have the same counts for each kind. C(failures) are the
      first 50 failures, with C(place) (the entry as it is called in messages) and C(modules); C(more_failures) is the
      number of further failures.
  returned: always, unless the input is wrong
  type: dict
  sample: {"total": 2, "changed": 1, "unchanged": 1, "failed": 0, "unverified": 0, "not_attempted": 0, "stale": 0,
           "requests": 4, "retries": 0, "deactivated": 0, "emptied": 0,
           "fax_settings": {"total": 2, "changed": 1, "unchanged": 1, "failed": 0, "unverified": 0, "not_attempted": 0,
                            "stale": 0},
           "mail2fax_settings": {"total": 0, "changed": 0, "unchanged": 0, "failed": 0, "unverified": 0,
                                 "not_attempted": 0, "stale": 0},
           "fax_forward": {"total": 0, "changed": 0, "unchanged": 0, "failed": 0, "unverified": 0, "not_attempted": 0,
                           "stale": 0}, "failures": [], "more_failures": 0}
lines:
  description: The summary as lines to show, with the paths of the plan, the undo file and the result files.
  returned: always, unless the input is wrong
  type: list
  elements: str
  sample: ["2 subscribers: 1 changed, 1 unchanged (4 requests)"]
diff:
  description:
    - One entry for each changed subscriber and kind of settings, with only the changes as YAML text. Secrets are
      masked.
  returned: always, unless the input is wrong
  type: list
  elements: dict
  sample: [{"before_header": "alice@example.org (4711), fax settings",
            "after_header": "alice@example.org (4711), fax settings",
            "before": "active: false\n", "after": "active: true\n"}]
plan:
  description: Path of the plan that was written.
  returned: with O(plan_out), unless the run was refused
  type: str
  sample: /var/lib/ngcp/plan.json
undo:
  description: Absolute path of the undo file. It is not created if nothing had to be written.
  returned: with O(undo_dir), if something was written
  type: str
  sample: /var/lib/ngcp/undo/undo-20261126T040302Z-1f0c9a7e.json
results:
  description:
    - Paths of the result files, by status. Missing if the files could not be written at the end.
  returned: with O(results_dir)
  type: dict
  sample: {"changed": "/var/lib/ngcp/results/changed.csv", "failed": "/var/lib/ngcp/results/failed.csv"}
run:
  description:
    - What ran on which platform, with C(module), C(platform) (its address) and C(check_mode). M(ngcp.fax.drift_report)
      uses it to tell results apart.
  returned: always, unless the input is wrong
  type: dict
  sample: {"module": "fleet", "platform": "https://ngcp.example.org:1443", "check_mode": false}
error:
  description:
    - Why the task as a whole failed, with C(code), C(http_status), C(message), C(retryable) and C(hint).
    - For wrong input also C(entry), C(field) and C(details), which has the first 50 errors with C(file), C(row) and
      C(line) (in CSV files; a row that contains line breaks has several lines), C(position), C(entry), C(field) and
      C(message). C(details_left_out) is the number of further errors. Values of secrets are never quoted.
  returned: when the task as a whole failed
  type: dict
  sample: {"code": "invalid_input", "http_status": null, "message": "cannot find 'fleet.csv'", "retryable": false,
           "hint": null, "entry": "", "field": "src"}
"""

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.task import fleet_task
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module


def main() -> None:
    """Run the module."""
    run_module(fleet_task())


if __name__ == "__main__":
    main()
