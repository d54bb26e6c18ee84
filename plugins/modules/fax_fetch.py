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
  - Downloads the recording of one fax, or the recordings of all faxes that match a filter, and keeps an archive of
    them.
  - Each recording is downloaded to a temporary file, verified (its length, and its structure up to the end of the last
    page), and only then renamed. Intact files are not downloaded again; damaged ones are.
  - Nothing is lost if a run is interrupted; the next run continues. A run reads the journal from its newest entry back
    to the entries that the index of the archive already has.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.journal
  - ngcp.fax.subscriber.keys
options:
  direction:
    description: Select received faxes (V(in)), sent faxes (V(out)), faxes sent by e-mail (V(mtf)), or all (V(any)).
    type: str
    choices: [in, out, mtf, any]
    default: in
  dest:
    description:
      - An existing directory. With O(fax_id) it can also be a file in an existing directory. In check mode the
        directory may be missing, because an earlier task might create it; it then counts as empty.
      - A symbolic link to a directory is resolved. Below the directory, only regular files and real directories are
        used, and a file named by O(dest) must not be a link or a device either. If something else is in the place of a
        fax, that fax fails. Links below the directory are never followed, for reading or for writing.
    type: path
    required: true
  format:
    description:
      - Format of the recordings. V(tiff) is the original; the platform converts it to the other formats.
    type: str
    choices: [tiff, pdf, pdf14, ps]
    default: tiff
  layout:
    description:
      - Where files are stored below O(dest). A file's name is the id of its fax, followed by C(.tif), C(.pdf) or
        C(.ps).
      - V(flat) stores them in O(dest) itself, V(by_subscriber) in one directory for each subscriber's id, and
        V(by_date) in directories for year, month and day.
      - A fax that is already in the index stays where it is.
    type: str
    choices: [flat, by_subscriber, by_date]
    default: flat
  index:
    description:
      - Whether to keep C(index.json) in the directory, with the metadata of every fax and the path, size and SHA-256 of
        its file.
      - Without an index, every run reads the whole journal, and a file counts as intact if its structure is complete. A
        file that is named by O(dest) is then downloaded and compared in each run.
    type: bool
    default: true
  delete_after_fetch:
    description:
      - Delete each fax on the platform once its file is safely on disk and has been verified. Requires mr11.5 or later.
      - Before a fax is deleted, its file is read again, its size, SHA-256 and structure are compared, and it is synced
        to disk. A fax counts as deleted only if the platform itself confirms it or no longer has the fax.
      - For a fax between two subscribers of the platform, deleting one side may remove the recording of the other side
        as well. Fetch both sides first.
    type: bool
    default: false
  unavailable_for:
    description:
      - Number of days during which a missing recording is requested again, counted from the run that first found it
        missing. Within this time each run requests it once; after that, only a run with O(force) does.
      - The platform returns the same error page for a recording whatever the cause, and a fault that lasts longer than
        the retries looks like a missing recording. This option makes sure that such a fax is not lost.
      - With V(0) only the first run requests it. Without an O(index) every run does.
    type: int
    default: 7
  force:
    description: Download existing files again, and request missing recordings as if for the first time.
    type: bool
    default: false
  mode:
    description:
      - Permissions of the files, like the C(mode) of M(ansible.builtin.file). Existing files get them too.
      - The default for new files is V(0600), because faxes are confidential.
      - Quote it. A number without its leading zero, such as V(644), is refused, because YAML does not read it as an
        octal number. A mode that would prevent the owner from reading the file is refused as well.
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
      - Reads the journal and checks the existing files. Downloads, writes and deletes nothing. A fax without a
        recording is predicted as fetched, unless an earlier run found that the recording is missing.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - What is on disk and intact is not fetched again, except with O(force).
notes:
  - A run that has to end early (because of a lost connection, a refused user, a full disk, or three faxes in a row for
    which the platform does not respond) reports what it did, and the remaining faxes as not attempted. The next run
    continues from there.
  - The index belongs to one platform, because fax ids have no meaning on another one.
  - If two runs use the same directory, one waits for the other.
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

    - name: Create a directory for the archive
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
  description: The selected faxes, newest first.
  returned: always, unless the task could not start
  type: list
  elements: dict
  contains:
    fax_id:
      description: Id of the fax in the journal.
      type: int
      sample: 5
    subscriber_id:
      description: The platform's id of the subscriber that the fax belongs to.
      type: int
      sample: 3
    path:
      description: Path of the file, if there is one (in check mode, the path that it will have).
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
        - V(fetched) (in check mode, would be fetched), V(present) (already there and intact), V(failed), V(unavailable)
          (the platform has no recording of it), or V(not_attempted) (the run had to end before this fax).
        - If a fax fails, the task fails after the other faxes are done. If a recording is unavailable, the task fails
          only with O(fax_id), or if none of the faxes has a recording.
      type: str
      sample: fetched
    deleted:
      description:
        - Whether the fax was deleted on the platform, by this run or an earlier one. If the platform's response does
          not settle this, C(error) says whether the fax is still there (the task fails) or that this is unknown
          (C(code) V(unverified)).
      type: bool
      sample: false
    error:
      description: What went wrong, with C(code), C(http_status), C(message), C(retryable) and C(hint).
      type: dict
      sample: {"code": "unavailable", "http_status": 500, "message": "The platform has no recording of fax 5",
               "retryable": false, "hint": null}
summary:
  description:
    - Number of faxes, in total and for each status, number of deleted faxes, and number of HTTP requests, including the
      log-in and repetitions (C(retries)).
  returned: always, unless the task could not start
  type: dict
  sample: {"total": 3, "fetched": 1, "present": 2, "failed": 0, "unavailable": 0, "not_attempted": 0, "deleted": 0,
           "requests": 3, "retries": 0}
error:
  description:
    - Why the task failed, with C(code), C(http_status), C(message), C(retryable) and C(hint). If single faxes failed,
      it is the error of the first one. If the index could not be written, the result still lists what was fetched, and
      the next run finds it.
  returned: when the task failed
  type: dict
  sample: {"code": "not_found", "http_status": 404, "message": "The server responded with 404", "retryable": false,
           "hint": "It does not exist, is terminated, or belongs to somebody else."}
"""

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.fetch_task import fetch_task
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module


def main() -> None:
    """Run the module."""
    run_module(fetch_task())


if __name__ == "__main__":
    main()
