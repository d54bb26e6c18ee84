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
    file or a list. All entries are checked, all subscribers are looked up and read once, all changes are planned, and
    only then those that are needed are written, in waves.
  - The plan can be written to a file, approved, and then applied exactly. An undo file can keep what was there before,
    and result files say what became of each row.
  - The role P(ngcp.fax.fleet#role) runs it with variables, and the playbook C(ngcp.fax.fleet) without writing anything.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
options:
  src:
    description:
      - A fleet file. It is found like the C(src) of M(ansible.builtin.copy), in C(files/) on the control node, or else
        from the directory in which the command was started. It may be vaulted.
      - C(.csv), C(.json), C(.yml) and C(.yaml) are possible. See the notes for what an entry may have.
      - Exactly one of O(src), O(subscribers), O(hosts) and O(undo) is needed.
    type: path
  subscribers:
    description:
      - The entries as a list of dictionaries. For thousands of entries a file is much faster.
    type: list
    elements: dict
  hosts:
    description:
      - Names of inventory hosts. Those that have one of the variables C(fleet_entry), C(fleet_fax), C(fleet_mail2fax)
        and C(fleet_fax_forward) become entries, the others are left out. Unknown variables that begin with C(fleet_)
        are errors, see M(ngcp.fax.role_variables).
      - C(fleet_entry) is an entry as in a file, and the others are its nested parts. The subscriber is named by the
        entry itself, else by the first of the variables C(ngcp_subscriber_id), C(ngcp_subscriber), C(ngcp_number) and
        C(ngcp_subscriber_external_id), else by the host's name if that is C(user@domain).
    type: list
    elements: str
  state:
    description:
      - V(present) sets the fields that an entry has and leaves the others alone.
      - V(replaced) also sets the fields that an entry does not have to the platform's defaults, in those of the two
        kinds of settings of which the entry has a field. For call forwards it is the same as V(present).
    type: str
    choices: [present, replaced]
    default: present
  update_password:
    description: When passwords are written, see O(ngcp.fax.fax_settings#module:update_password).
    type: str
    choices: [always, on_create]
    default: always
  update_secret_key:
    description: When secret keys are written, see O(ngcp.fax.mail2fax_settings#module:update_secret_key).
    type: str
    choices: [always, on_create]
    default: always
  destinations_mode:
    description: How lists of destinations are meant, see O(ngcp.fax.fax_settings#module:destinations_mode).
    type: str
    choices: [replace, merge]
    default: replace
  secret_renew_notify_mode:
    description:
      - How lists of notified addresses are meant, see O(ngcp.fax.mail2fax_settings#module:secret_renew_notify_mode).
    type: str
    choices: [replace, merge]
    default: replace
  acl_mode:
    description: How access lists are meant, see O(ngcp.fax.mail2fax_settings#module:acl_mode).
    type: str
    choices: [replace, merge]
    default: replace
  replace_foreign:
    description:
      - Whether call forwards that somebody else has set up are replaced, see
        O(ngcp.fax.fax_forward#module:replace_foreign).
    type: bool
    default: false
  allow_empty:
    description:
      - Whether a fleet without a single entry is fine. Otherwise it is an error, because more often a file was cut off,
        a variable is empty, or no host has the variables.
    type: bool
    default: false
  max_changes:
    description:
      - Maximum number of subscribers that may change, as a number or as a percentage of the fleet such as V(10%). A
        subscriber with changes of several kinds counts once.
      - If more would change, the task fails before the first write. The same holds for O(max_deactivated) and
        O(max_emptied).
    type: str
  max_deactivated:
    description:
      - Maximum number of subscribers whose fax service, mail to fax service or call forward may go off, as a number or
        as a percentage of the fleet.
      - Without a limit, a tenth of a fleet (of at least ten subscribers) or more causes a warning. The same holds for
        O(max_emptied).
    type: str
  max_emptied:
    description:
      - Maximum number of lists (of destinations, notified addresses, or rules) that may become empty, as a number or as
        a percentage of the number of subscribers.
    type: str
  waves:
    description:
      - Sizes of the portions in which the subscribers that change are written, each a number or a percentage of them.
        The last size holds until there is nothing left, as with C(serial) of a play.
      - The default writes to one subscriber first and then to all others.
    type: list
    elements: str
    default: ["1", "100%"]
  max_failures:
    description:
      - Maximum number of subscribers that may fail or be unverified before the next wave is written, as a number or as
        a percentage of those written so far. There is no limit by default.
    type: str
  on_error:
    description:
      - V(continue) goes on with other subscribers when one cannot be written. The task fails at the end.
      - V(stop) leaves those that come after it as they are.
      - If the platform refuses the user or does not answer any more, the run stops in any case.
    type: str
    choices: [continue, stop]
    default: continue
  on_plan_error:
    description:
      - V(stop) writes nothing if a subscriber cannot be planned, for example because the platform does not know it.
      - V(continue) writes to the others. The task fails at the end.
    type: str
    choices: [stop, continue]
    default: stop
  return_unchanged:
    description: Whether RV(subscribers) also lists the subscribers without a change.
    type: bool
    default: false
  plan_out:
    description:
      - Path of a file to which the plan is written, to be approved and applied later with O(plan). Needs check mode or
        O(plan_only).
      - The plan holds no secrets. It can be read by its owner only. M(ngcp.fax.drift_report) makes a page of it.
      - If the run is refused, for example by O(max_changes), no plan is written. A file that is not a plan is not
        overwritten.
    type: path
  plan_only:
    description: Whether to plan only, as check mode does for a whole playbook.
    type: bool
    default: false
  plan:
    description:
      - Path of a plan that was approved. Only what it holds is written, and only where the same changes are still
        planned now. What was approved and needs no change any more counts as unchanged.
      - The plan goes together with its input (O(src), O(subscribers) or O(hosts)), because it holds no secrets. The
        input, the platform, the version of the collection, O(state), O(update_password), O(update_secret_key),
        O(replace_foreign) and the modes of the lists must be the same as when the plan was made.
      - In check mode the plan is compared in the same way, and nothing is written.
    type: path
  plan_max_age:
    description:
      - Maximum age of O(plan) in seconds. There is no limit by default. A plan that was made more than a minute in
        the future, by this host's clock, is refused in any case.
    type: int
  on_stale:
    description:
      - What happens when a subscriber's plan is another one now than in O(plan), because somebody has changed the
        subscriber meanwhile, or does not have the subscriber. Such subscribers are V(stale) and never written.
      - V(stop) writes nothing and reports all of them, with both plans. V(skip) writes to the others. The task fails in
        both cases.
    type: str
    choices: [stop, skip]
    default: stop
  undo_dir:
    description:
      - Directory for an undo file, which is written before the first write and holds what the run changes as it was
        before, beside the values that the run sets. The directory is created if it is missing, and only its owner can
        read the file.
      - What changes on the platform is undone with O(undo), or with the playbook C(ngcp.fax.undo).
    type: path
  undo_secrets:
    description:
      - V(omit) leaves secrets out of the undo file, so that they cannot be given back. The file has their names.
      - V(vault) keeps them, and encrypts the whole undo file with the vault password of the run (the first one, or the
        one that C(vault_encrypt_identity) names). This is possible only where the task runs in the control node's own
        process.
    type: str
    choices: [omit, vault]
    default: omit
  undo:
    description:
      - An undo file, which is found like O(src) and may be vaulted. Each field that the run has changed is given its
        former value back, provided that it still has the value that the run gave it. A field that has its former value
        already is left alone, so that a second undo changes nothing.
      - A field that has any other value is left as it is, with a warning, and is listed in RV(subscribers[].conflicts).
        Somebody has changed it since, which an undo must not override; the other fields of the subscriber are given
        back all the same. Conflicts do not fail the task, because it has done what was asked for. To write the former
        values in any case, use the undo file as O(src).
      - Lists are compared and given back as a whole. What was certainly not written is not looked at; what a run that
        was killed may have written is treated like the rest.
      - Options that say how entries are meant, such as O(state) and O(acl_mode), must have their defaults.
    type: path
  results_dir:
    description:
      - Directory for files that hold the entries by what became of them, with the columns of the input and, in columns
        that begin with an underscore, C(_status), C(_code), C(_message) and C(_hint). The directory is created if it is
        missing, and only its owner can read the files.
      - The files are C(changed), C(unchanged), C(failed) (also unverified), C(not_attempted) and C(stale), each ending
        in C(.csv) if O(src) is a CSV file and in C(.yml) otherwise. Files of an earlier run are replaced. In check mode
        C(changed) holds what would change, and C(_status) is C(would_change).
      - C(failed) and C(not_attempted) can be used as O(src). Secrets are left out, which leaves those on the platform
        as they are; but with O(state=replaced) put them back first, or they would be cleared.
      - The files are there before the first write, with everything that has to be written in C(not_attempted), so that
        they are true if the run is killed. If the input is wrong, they stay as they are.
      - If the files cannot be written, nothing is written to the platform either. If they cannot be replaced at the end
        of the run, the task fails with the whole result.
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
    service. Every field may also have the prefix C(fax_) or C(mail2fax_), and outside of CSV be nested in a dictionary
    C(fax) or C(mail2fax). The same field twice in an entry is an error.
  - C(forward) (V(unconditional), V(none) and so on) and C(ring_timeout) are those of M(ngcp.fax.fax_forward), and so is
    C(fax_forward_enabled). Outside of CSV they may be nested in a dictionary C(fax_forward). Call forwards are read
    only if an entry has one of these fields.
  - Fields that the info modules return and only the server sets are ignored, and so is everything whose name begins
    with an underscore.
  - Paths other than O(src) and O(undo) are paths on the host that the task runs on. If that is the control node itself,
    relative ones count from the directory in which Ansible was started.
  - The platform has no conditional writes. A plan that is more than ten seconds old is compared with the platform again
    just before each write, but between that read and the write somebody else can still change the subscriber.
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

- name: Make a plan, without changing anything
  ngcp.fax.fleet:
    src: fleet.csv
    plan_only: true
    plan_out: plan.json

- name: Make a page of it for whoever is to approve it
  ngcp.fax.drift_report:
    plan: plan.json
    dir: approval

- name: Apply exactly what was approved, if that was within the last day
  ngcp.fax.fleet:
    src: fleet.csv
    plan: plan.json
    plan_max_age: 86400

- name: Apply it, and keep what was there before
  ngcp.fax.fleet:
    src: fleet.csv
    undo_dir: undo
  register: applied

- name: Give it back
  ngcp.fax.fleet:
    undo: "{{ applied.undo }}"
  when: applied.undo is defined

- name: Apply it, and leave files that say what became of each row
  ngcp.fax.fleet:
    src: fleet.csv
    results_dir: /var/lib/ngcp/results

- name: Try those again that failed, if there are any
  ngcp.fax.fleet:
    src: /var/lib/ngcp/results/failed.csv
    allow_empty: true
    results_dir: /var/lib/ngcp/results-2
"""

RETURN = r"""
subscribers:
  description:
    - The subscribers that changed (in check mode, would change), failed, are unverified, stale or were not attempted,
      in the order of the input. With O(undo) also those to whom something cannot be given back.
  returned: always, unless the input is wrong
  type: list
  elements: dict
  contains:
    index:
      description: Position of the entry in the input, counted from 0.
      type: int
      sample: 0
    entry:
      description: What messages call the entry.
      type: str
      sample: fleet.csv row 17
    subscriber_id:
      description: The platform's id, where known.
      type: int
      sample: 4711
    subscriber:
      description: The subscriber as C(user@domain), where known.
      type: str
      sample: alice@example.org
    status:
      description:
        - V(changed), V(unchanged), V(failed), V(unverified) (a write was sent, but what the server has now could not be
          confirmed), V(not_attempted) (the run stopped before), or V(stale) (not written, because the plan is not the
          one that was approved).
        - Of a subscriber for whom the kinds of settings came to different ends, the worst one.
      type: str
      sample: changed
    modules:
      description:
        - For C(fax_settings), C(mail2fax_settings) and C(fax_forward), as far as the entry has their fields, a
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
        - What was sent (in check mode, would be sent), with C(module) beside each operation. Secrets are masked.
      type: list
      elements: dict
      sample: [{"module": "fax_settings", "op": "replace", "path": "/active", "value": true}]
    settings:
      description:
        - The settings after the run (in check mode, as predicted), where known, by C(fax_settings),
          C(mail2fax_settings) and C(fax_forward). Secrets are masked.
      type: dict
      sample: {"fax_settings": {"active": true}}
    conflicts:
      description:
        - The fields that an undo left as they are, with C(module), C(field), and the values C(before) the run, that the
          run C(set), and C(now). Secrets are masked.
      returned: with O(undo), for subscribers to whom something cannot be given back
      type: list
      elements: dict
      sample: [{"module": "fax_settings", "field": "name", "before": "Sales", "set": "Accounts", "now": "Front desk"}]
    left_out:
      description:
        - The fields that an undo cannot give back, with C(field) and C(reason).
        - V(secret) means that secrets were left out of the undo file; V(renewed) that the platform may have replaced a
          secret key since, because the run changed C(secret_key_renew); V(server) that only the platform sets it;
          V(not_shown) that the platform did not show it before the run; V(lost) that somebody else had set up the call
          forward that the run replaced; V(refused) that the platform does not accept
          the former value any more.
      returned: with O(undo), for subscribers to whom something cannot be given back
      type: list
      elements: dict
      sample: [{"field": "fax.password", "reason": "secret"}]
    error:
      description: The first of the errors, with C(module) beside it.
      returned: for failed, unverified and stale subscribers
      type: dict
      sample: {"code": "not_found", "http_status": 404, "message": "The server answered 404", "retryable": false,
               "hint": "It does not exist, is terminated, or belongs to somebody else.", "module": "fax_settings"}
summary:
  description:
    - How many subscribers there are, how many came to which status, how many HTTP requests were sent, and how many
      services went off and lists became empty (C(deactivated), C(emptied)).
    - C(fax_settings), C(mail2fax_settings) and C(fax_forward) are the same counts of each kind. C(failures) are the
      first 50 failures, with C(place) (what messages call the entry) and C(modules); C(more_failures) is how many there
      are beside these.
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
  description: The summary as lines to show.
  returned: always, unless the input is wrong
  type: list
  elements: str
  sample: ["2 subscribers: 1 changed, 1 unchanged (4 requests)"]
diff:
  description:
    - One entry for each changed subscriber and kind of settings, with YAML text of what changes and nothing else.
      Secrets are masked.
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
  description: Absolute path of the undo file. There is none if nothing had to be written.
  returned: with O(undo_dir), if something was written
  type: str
  sample: /var/lib/ngcp/undo/undo-20261126T040302Z-1f0c9a7e.json
results:
  description:
    - Paths of the result files, by status. Not there if the files could not be written at the end.
  returned: with O(results_dir)
  type: dict
  sample: {"changed": "/var/lib/ngcp/results/changed.csv", "failed": "/var/lib/ngcp/results/failed.csv"}
run:
  description:
    - What ran against which platform, with C(module), C(platform) (the address) and C(check_mode). It lets
      M(ngcp.fax.drift_report) tell results apart.
  returned: always, unless the input is wrong
  type: dict
  sample: {"module": "fleet", "platform": "https://ngcp.example.org:1443", "check_mode": false}
error:
  description:
    - Why the task as a whole failed, with C(code), C(http_status), C(message), C(retryable) and C(hint).
    - For wrong input also C(entry), C(field) and C(details), the first 50 errors with C(file), C(row) and C(line) (of a
      CSV file; a row with line breaks in it has several lines), C(position), C(entry), C(field) and C(message), and how
      many more there are in C(details_left_out). Values of secrets are never quoted.
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
