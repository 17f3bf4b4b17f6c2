// The form of a scenario: a row shows the fields that its kind takes; rows are added and taken away.

const takes = JSON.parse(document.getElementById("scenario-takes").textContent);
const rows = document.getElementById("scenario-rows");
const empty = document.getElementById("scenario-empty");
const total = document.getElementById("id_o-TOTAL_FORMS");
const most = Number(document.getElementById("id_o-MAX_NUM_FORMS").value);
const add = document.getElementById("scenario-add");

function show(row) {
  const kind = row.querySelector("[data-field=kind] select").value;
  for (const field of row.querySelectorAll("[data-field]")) {
    const name = field.dataset.field;
    field.hidden = name !== "kind" && !takes[kind].includes(name);
  }
}

function number() {
  [...rows.children].forEach((row, index) => {
    for (const node of row.querySelectorAll("[name], [id], [for]")) {
      for (const name of ["name", "id", "for"]) {
        const value = node.getAttribute(name);
        if (value) node.setAttribute(name, value.replace(/o-(\d+|__prefix__)-/, `o-${index}-`));
      }
    }
  });
  total.value = rows.children.length;
  add.disabled = rows.children.length >= most;
  for (const drop of rows.querySelectorAll(".scenario-drop")) drop.hidden = rows.children.length < 2;
}

rows.addEventListener("change", (event) => {
  if (event.target.closest("[data-field=kind]")) show(event.target.closest(".scenario-override"));
});

rows.addEventListener("click", (event) => {
  if (!event.target.closest(".scenario-drop")) return;
  event.target.closest(".scenario-override").remove();
  number();
});

add.addEventListener("click", () => {
  rows.append(empty.content.cloneNode(true));
  number();
  show(rows.lastElementChild);
  rows.lastElementChild.querySelector("select").focus();
});

for (const row of rows.children) show(row);
number();
