# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Sphinx for the documentation site: ``make docs`` builds it, without the network."""

from __future__ import annotations

import atexit
import pathlib
import re
import tempfile
import zlib

from docutils import nodes
from sphinx.application import Sphinx

project = "ngcp.fax"
author = "ngcp.fax contributors"
copyright = f"2026, {author}"
title = html_title = html_short_title = "ngcp.fax"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {
    "source_repository": "https://github.com/ngcp-fax/ngcp.fax/",
    "source_branch": "main",
    "top_of_page_buttons": [],
}
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
smartquotes_action = "D"  # dashes only: texts show options and values
nitpicky = True

# ---- pages of Ansible's own documentation that antsibull-docs refers to

# Sphinx would download their addresses. These are all that are needed; a missing one fails the build.
_ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
_LABELS = {
    "action_plugins": "plugins/action.html",
    "callback_plugins": "plugins/callback.html",
    "ansible_collections.ansible.builtin.copy_module": "collections/ansible/builtin/copy_module.html",
    "ansible_collections.ansible.builtin.file_module": "collections/ansible/builtin/file_module.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
_VARIABLES = (
    "ANSIBLE_CACHE_PLUGIN",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION",
    "ANSIBLE_CACHE_PLUGIN_PREFIX",
    "ANSIBLE_CACHE_PLUGIN_TIMEOUT",
    "ANSIBLE_CALLBACKS_ENABLED",
    "ANSIBLE_HOME",
)


def _inventory() -> str:
    """Write the inventory of Ansible's documentation that Sphinx reads, and return its path."""
    lines = [f"{label} std:label -1 {page} {label}" for label, page in _LABELS.items()]
    lines += [f"{name} std:envvar 1 reference_appendices/config.html#envvar-{name} -" for name in _VARIABLES]
    header = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n# zlib-compressed from here on\n"
    with tempfile.NamedTemporaryFile(suffix=".inv", delete=False) as file:
        file.write(header.encode() + zlib.compress("\n".join([*lines, ""]).encode()))
    atexit.register(pathlib.Path(file.name).unlink)
    return file.name


intersphinx_mapping = {"ansible": (_ANSIBLE, _inventory())}
intersphinx_disabled_reftypes: list[str] = []  # labels and variables, too

# ---- what a sidebar needs that antsibull-docs does not write


def _shape_index(app: object, name: str, source: list[str]) -> None:
    """Give the lists of pages in the index a caption each, and plugins their short names."""
    if name != "index":
        return
    heading, lines = "", source[0].replace("Ngcp.Fax", "ngcp.fax", 1).splitlines()
    for number, line in enumerate(lines):
        if re.fullmatch(r"[-~]{4,}", line):
            heading = lines[number - 1]
        elif line == ".. toctree::" and heading != "Description":
            lines[number] += f"\n    :caption: {heading.removesuffix(' Index')}"
        elif plugin := re.fullmatch(r" +((\w+)_(?:module|callback|inventory|role))", line):
            lines[number] = f"    {plugin[2]} <{plugin[1]}>"
    source[0] = "\n".join(lines)


def _drop_contents(app: object, document: nodes.document) -> None:
    """Drop the table of contents of a page: the theme shows one beside the text."""
    for topic in list(document.findall(nodes.topic)):
        if "contents" in topic["classes"]:
            topic.parent.remove(topic)


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.connect("source-read", _shape_index)
    app.connect("doctree-read", _drop_contents)
