/* Copyright (c) 2026, ngcp.fax contributors */
/* SPDX-License-Identifier: GPL-3.0-or-later */
"use strict";
(() => {
  const PAGE = 100;
  const table = document.getElementById("rows");
  if (!table) return;
  const body = table.tBodies[0];
  const find = (id) => document.getElementById(id);
  const search = find("search"), status = find("status"), resource = find("resource"), field = find("field");

  // The rows are taken out of the page; only those of one page are put back, so that thousands stay quick.
  const rows = Array.from(body.rows, (element, place) => ({
    element,
    place,
    status: element.dataset.s,
    resources: (element.dataset.r || "").split(" "),
    fields: (element.dataset.f || "").split(" "),
    changes: element.dataset.f ? element.dataset.f.split(" ").length : 0,
    name: element.cells[0].textContent.trim(),
    get text() {
      const value = this.element.textContent.toLowerCase();
      Object.defineProperty(this, "text", { value });
      return value;
    },
  }));
  // What the page is about says the table: its statuses, the worst one first, and which of them is the good one.
  const order = table.dataset.order.split(" "), good = table.dataset.good;
  const compareNames = new Intl.Collator(undefined, { numeric: true }).compare;
  const comparisons = {
    subscriber: (a, b) => compareNames(a.name, b.name),
    status: (a, b) => order.indexOf(a.status) - order.indexOf(b.status),
    changes: (a, b) => a.changes - b.changes,
  };
  let sorting = null, descending = false, page = 0, matching = rows;

  const matches = (row) => {
    if (status.value === "different" ? row.status === good : status.value && row.status !== status.value) return false;
    if (resource.value && !row.resources.includes(resource.value)) return false;
    if (field.value && !row.fields.includes(field.value)) return false;
    return search.value.toLowerCase().split(/\s+/).every((word) => row.text.includes(word));
  };

  const pages = () => Math.max(1, Math.ceil(matching.length / PAGE));

  // On a phone the table is laid out as cards, which makes some browsers forget that it is a table.
  const withRoles = (element) => {
    element.setAttribute("role", "row");
    element.cells[0].setAttribute("role", "rowheader");
    for (const cell of Array.from(element.cells).slice(1)) cell.setAttribute("role", "cell");
    return element;
  };

  const show = (everything) => {
    const first = everything ? 0 : page * PAGE;
    const shown = everything ? matching : matching.slice(first, first + PAGE);
    body.replaceChildren(...shown.map((row) => withRoles(row.element)));
    const last = first + shown.length;
    const number = (value) => value.toLocaleString("en");
    find("count").textContent = matching.length
      ? `${number(first + 1)}–${number(last)} of ${number(matching.length)} ${matching.length === 1 ? "subscriber" : "subscribers"}`
      : "No subscriber matches.";
    find("previous").disabled = page === 0;
    find("next").disabled = page >= pages() - 1;
    find("pages").hidden = pages() === 1;
  };

  const update = () => {
    matching = rows.filter(matches);
    if (sorting) {
      const sign = descending ? -1 : 1;
      matching.sort((a, b) => sign * comparisons[sorting](a, b) || a.place - b.place);
    }
    page = 0;
    show(false);
  };

  const sortBy = (head) => {
    descending = sorting === head.dataset.sort ? !descending : head.dataset.sort === "changes";
    sorting = head.dataset.sort;
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    update();
  };

  const turn = (step) => {
    page = Math.min(pages() - 1, Math.max(0, page + step));
    show(false);
    table.scrollIntoView({ block: "start" });
  };

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent.trim();
    button.addEventListener("click", () => sortBy(head));
    head.replaceChildren(button);
    head.setAttribute("role", "columnheader");
    head.setAttribute("aria-sort", "none");
  }
  table.setAttribute("role", "table");
  for (const part of [table.tHead, body]) part.setAttribute("role", "rowgroup");
  table.tHead.rows[0].setAttribute("role", "row");

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, rows.length > 1000 ? 120 : 0);
  });
  for (const select of [status, resource, field]) select.addEventListener("change", update);
  find("previous").addEventListener("click", () => turn(-1));
  find("next").addEventListener("click", () => turn(1));
  addEventListener("beforeprint", () => show(true));
  addEventListener("afterprint", () => show(false));

  update();
  document.documentElement.classList.add("ready");
})();
