(function () {
  "use strict";

  // Filters: a row stays when every control of the form agrees with it. A control
  // named like a data attribute of the rows must equal it; "text" must occur.
  document.querySelectorAll("form.filters").forEach(function (form) {
    var rows = Array.from(document.getElementById(form.dataset.table).tBodies[0].rows);
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    var fields = Array.from(form.elements).filter(function (field) { return field.name; });
    function agrees(row, text) {
      return fields.every(function (field) {
        if (field.name === "text") {
          return field.value.toLowerCase().split(/\s+/).every(function (word) { return text.includes(word); });
        }
        return !field.value || row.dataset[field.name] === field.value;
      });
    }
    function apply() {
      var shown = 0;
      rows.forEach(function (row, i) {
        row.hidden = !agrees(row, texts[i]);
        if (!row.hidden) { shown++; }
      });
      form.querySelector("output").textContent = shown + " of " + rows.length;
    }
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("reset", function () { setTimeout(apply); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    apply();
  });

  // Sorting: by a cell's data-value, which is a number, or else by its text.
  function key(row, column) {
    var cell = row.cells[column];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
  }
  document.querySelectorAll("table.sortable th[data-sort]").forEach(function (head) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", function () {
      var body = head.closest("table").tBodies[0];
      var sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      head.closest("tr").querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      var rows = Array.from(body.rows);
      rows.sort(function (a, b) {
        var left = key(a, head.cellIndex), right = key(b, head.cellIndex);
        if (typeof left === "number") { return sign * (left - right); }
        return sign * left.localeCompare(right, "en", { numeric: true });
      });
      body.append.apply(body, rows);
    });
  });

  // A course of events can be narrowed down to some kinds of what happened.
  document.querySelectorAll("table.course").forEach(function (table) {
    var rows = Array.from(table.tBodies[0].rows).filter(function (row) { return row.dataset.kind; });
    var kinds = Array.from(new Set(rows.map(function (row) { return row.dataset.kind; })));
    var form = document.createElement("form");
    form.className = "kinds";
    form.setAttribute("aria-label", "Kinds of what happened");
    kinds.forEach(function (kind) {
      var label = document.createElement("label"), box = document.createElement("input");
      box.type = "checkbox";
      box.name = kind;
      box.checked = true;
      label.append(box, " " + rows.filter(function (row) { return row.dataset.kind === kind; }).length + " " + kind);
      form.append(label);
    });
    form.addEventListener("input", function () {
      rows.forEach(function (row) { row.hidden = !form.elements[row.dataset.kind].checked; });
    });
    table.closest(".ends").before(form);
  });

  // A course of events ends with what matters most.
  function toEnd(part) {
    part.querySelectorAll(".ends").forEach(function (box) { box.scrollTop = box.scrollHeight; });
  }
  document.querySelectorAll("details.failure").forEach(function (part) {
    part.addEventListener("toggle", function () { toEnd(part); });
    toEnd(part);
  });

  // What a link leads to may be folded or filtered away.
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") { at.open = true; }
    }
    if (target.hidden) {
      var table = target.closest("table");
      document.querySelector('form[data-table="' + table.id + '"]').reset();
    }
    setTimeout(function () { target.scrollIntoView(); });
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  // Paper cannot be unfolded. The arguments of calls would fill it.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not(.course details)").forEach(function (part) { part.open = true; });
  });
})();
