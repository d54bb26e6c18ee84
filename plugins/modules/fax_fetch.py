#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fax_fetch
short_description: Fetch and archive faxes from the Sipwise NGCP
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Downloads the recording of one fax, or of all faxes that match a filter, and keeps an archive of them.
  - Each recording is put together in a temporary file, verified (its length, and its structure up to the end of the
    last page) and only then given its name. What is there and intact is not downloaded again. A damaged file is.
  - A run that is interrupted at any moment loses nothing, and the next one goes on. A run reads the journal from its
    newest entry down to what the index of the archive knows already.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.journal
  - ngcp.fax.subscriber.keys
options:
  direction:
    description: Only received faxes (V(in)), sent ones (V(out)), ones that were sent by mail (V(mtf)), or V(any).
    type: str
    choices: [in, out, mtf, any]
    default: in
  dest:
    description:
      - An existing directory. With O(fax_id) it can also be a file in an existing directory. In check mode it may be
        missing, because a task before may create it; nothing is taken to be in it then.
      - A symbolic link to a directory is resolved. Below the directory there may only be regular files and real
        directories, and the file that O(dest) names may not be a link or a device either. A fax whose place is taken by
        something else fails, and nothing is written to or read from where a link leads.
    type: path
    required: true
  format:
    description:
      - Format of the recordings. V(tiff) is the original, the others are made of it by the platform.
    type: str
    choices: [tiff, pdf, pdf14, ps]
    default: tiff
  layout:
    description:
      - Where files go below O(dest). Their names are the faxes' ids with C(.tif), C(.pdf) or C(.ps).
      - V(flat) puts them into O(dest) itself, V(by_subscriber) into a directory for each subscriber's id, V(by_date)
        into directories for year, month and day.
      - A fax that the index knows stays where it is.
    type: str
    choices: [flat, by_subscriber, by_date]
    default: flat
  index:
    description:
      - Whether to keep C(index.json) in the directory, with the metadata of every fax and path, size and SHA-256 of its
        file.
      - Without it every run reads the whole journal, and a file is taken to be intact if it is whole by its structure.
        A file that is named by O(dest) is then downloaded in each run and compared.
    type: bool
    default: true
  delete_after_fetch:
    description:
      - Delete each fax on the platform once its file is safely on disk and was verified. Needs mr11.5 or later.
      - Before that, the file is read once more, its size, SHA-256 and structure are compared, and it is synced to disk.
        A fax counts as deleted only if the platform itself says so, or does not have it any more.
      - For a fax between two subscribers of the platform, deleting one side may take away the recording of the other
        one. Fetch both before.
    type: bool
    default: false
  unavailable_for:
    description:
      - For how many days to ask again for a fax that has no recording, counted from the run that found that out first.
        Within this time each run asks for it once; after it, none does, except with O(force).
      - The platform answers a recording with the same error page whatever is wrong, so that a fault which lasts longer
        than the retries looks like a missing recording. Such a fax is not lost.
      - With V(0) only the first run asks. Without an O(index) every run does.
    type: int
    default: 7
  force:
    description: Download again what is there, and ask for what had no recording as if for the first time.
    type: bool
    default: false
  mode:
    description:
      - Permissions of the files, like the C(mode) of M(ansible.builtin.file). Files that are there already get them
        too.
      - The default for new files is V(0600), because faxes are confidential.
      - Quote it. A number without its leading zero, such as V(644), is refused, because YAML does not read it as an
        octal number. So is every mode that leaves the owner unable to read the file.
    type: raw
  owner:
    description: Owner of the files.
    type: str
  group:
    description: Group of the files.
    type: str
attributes:
  check_mode:
    support: full
    details:
      - Reads the journal and checks the files that are there. Downloads, writes and deletes nothing. A fax without a
        recording is predicted as fetched, unless an earlier run found that out.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - What is on disk and intact is not fetched again, except with O(force).
notes:
  - A run that has to end (no connection, a user who is refused, a full disk, three faxes in a row for which the
    platform does not answer) reports what it did, and the rest as not attempted. The next run goes on there.
  - The index belongs to one platform, because ids mean nothing elsewhere.
  - Two runs with the same directory wait for each other.
seealso:
  - module: ngcp.fax.fax_info
"""

EXAMPLES = r"""
- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Retrieve the fax with ID 5
      ngcp.fax.fax_fetch:
        fax_id: 5
        dest: /tmp/fax-5.tif

    - name: Retrieve the same fax in PDF14
      ngcp.fax.fax_fetch:
        fax_id: 5
        format: pdf14
        dest: /tmp/fax-5.pdf

    - name: Make a directory for the archive
      ansible.builtin.file:
        path: /tmp/faxes
        state: directory
        mode: "0750"

    - name: Archive all received faxes of a subscriber as PDF
      ngcp.fax.fax_fetch:
        subscriber: user0003@pbx.example.org
        format: pdf
        dest: /tmp/faxes
        layout: by_date
        mode: "0640"
      register: archive

    - name: Fetch what was sent in November
      ngcp.fax.fax_fetch:
        subscriber_id: 3
        direction: out
        since: 2026-11
        until: 2026-11
        dest: /tmp/faxes
"""

RETURN = r"""
faxes:
  description: The faxes that are meant, newest first.
  returned: always, unless nothing could be begun
  type: list
  elements: dict
  contains:
    fax_id:
      description: The journal's id.
      type: int
      sample: 5
    subscriber_id:
      description: The platform's id of the subscriber whose fax it is.
      type: int
      sample: 3
    path:
      description: The file, where there is one (in check mode, where it will be).
      type: str
      sample: /srv/faxes/5.tif
    size:
      description: Size of the file in bytes.
      type: int
      sample: 31415
    sha256:
      description: SHA-256 of the file.
      type: str
      sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    status:
      description:
        - V(fetched) (in check mode, would be fetched), V(present) (was there and intact), V(failed), V(unavailable)
          (the platform has no recording of it), or V(not_attempted) (the run had to end before).
        - A failed fax makes the task fail, after the others are done. Unavailable ones do only with O(fax_id), or if
          there is not a single recording.
      type: str
      sample: fetched
    deleted:
      description:
        - Whether it was deleted on the platform, now or by an earlier run. After an answer that does not settle that,
          C(error) says whether it is still there (the task fails) or that this is not known (C(code) V(unverified)).
      type: bool
      sample: false
    error:
      description: What went wrong, with C(code), C(http_status), C(message), C(retryable) and C(hint).
      type: dict
      sample: {"code": "unavailable", "http_status": 500, "message": "The platform has no recording of fax 5",
               "retryable": false, "hint": null}
summary:
  description:
    - How many faxes there are, how many came to which status, how many were deleted, and how many HTTP requests were
      sent, log-in and repetitions (C(retries)) included.
  returned: always, unless nothing could be begun
  type: dict
  sample: {"total": 3, "fetched": 1, "present": 2, "failed": 0, "unavailable": 0, "not_attempted": 0, "deleted": 0,
           "requests": 3, "retries": 0}
error:
  description:
    - Why the task failed, with C(code), C(http_status), C(message), C(retryable) and C(hint); when single faxes failed,
      the first one's error. If the index could not be written, what was fetched is in the result all the same, and the
      next run finds it.
  returned: when the task failed
  type: dict
  sample: {"code": "not_found", "http_status": 404, "message": "The server answered 404", "retryable": false,
           "hint": "It does not exist, is terminated, or belongs to somebody else."}
"""

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.fetch_task import fetch_task
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module


def main() -> None:
    """Run the module."""
    run_module(fetch_task())


if __name__ == "__main__":
    main()
