# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of CI services, run as the services run them, as far as their commands go."""

from __future__ import annotations

import pathlib
import re
import subprocess
from collections.abc import Mapping
from typing import Any

# What installs something only says what: there is no package index in a test.
INSTALLERS = ("pip", "ansible-galaxy")
STUB = '#!/bin/sh\necho "${0##*/} $*" >> "$(dirname "$0")/log"\n'


class Pipeline:
    """The jobs of one run of a service, in one folder.

    :param project: a copy of the project, the working folder of all jobs.
    :param environment: variables of the runner, with the folders of its tools in ``PATH``.
    """

    def __init__(self, project: pathlib.Path, environment: Mapping[str, str]) -> None:
        self.project = project
        self.installed: list[str] = []
        self._tools = project.parent / "tools"
        self._tools.mkdir()
        for name in INSTALLERS:
            (self._tools / name).write_text(STUB)
            (self._tools / name).chmod(0o755)
        self._environment = {**environment, "PATH": f"{self._tools}:{environment['PATH']}"}

    def script(self, *lines: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run lines of a shell script until one fails."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "\n".join(lines)],
            cwd=self.project,
            env={**self._environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        log = self._tools / "log"
        self.installed = log.read_text().splitlines() if log.exists() else []
        return done

    def github(self, job: Mapping[str, Any], contexts: Mapping[str, str], **variables: str) -> list[tuple[str, int]]:
        """Run the steps of a job of GitHub Actions; return name and exit status of those that have commands.

        :param contexts: values of expressions such as ``secrets.NAME``; there is nothing else in expressions.
        """
        ended: list[tuple[str, int]] = []
        for step in job["steps"]:
            failed = any(status for _name, status in ended)
            if "run" not in step or (failed and step.get("if") != "always()"):
                continue
            own = {
                name: re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda match: contexts[match[1]], text)
                for name, text in step.get("env", {}).items()
            }
            ended.append((step["name"], self.script(step["run"], **variables, **own).returncode))
        return ended

    def gitlab(self, configuration: Mapping[str, Any], job: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a job of GitLab with the variables of the project."""
        return self.script(*configuration["default"]["before_script"], *configuration[job]["script"], **variables)
