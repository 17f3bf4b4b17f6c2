// The page of the plan as a chart: fetches the data, listens to the filters, leads to a run's page.
import { Gantt } from "./chart.js";
import { legend } from "./look.js";
import { FROZEN, LATE, OUTSOURCED, unpack } from "./model.js";

const DAY_MIN = 1440;
const NO_RUN = "00000000-0000-0000-0000-000000000000";

const host = document.getElementById("gantt");
const filters = document.getElementById("gantt-filters");
const summary = document.getElementById("gantt-summary");
const texts = JSON.parse(document.getElementById("gantt-texts").textContent);

// What the filters ask for at the moment.
function wanted() {
  const { firm, class: machineClass, order, late, outsourced, frozen, dues, hours } = filters.elements;
  return {
    firm: firm.value,
    class: machineClass.value,
    order: order.value,
    late: late.checked,
    outsourced: outsourced.checked,
    frozen: frozen.checked,
    dues: dues.checked,
    hours: hours.checked,
  };
}

function tell(machines, runs) {
  const count = (flag) => runs.filter((run) => run.flags & flag).length;
  const figures = {
    machines, runs: runs.length, late: count(LATE), outsourced: count(OUTSOURCED), frozen: count(FROZEN),
  };
  summary.textContent = texts.summary.replace(/%\((\w+)\)s/g, (_whole, name) => figures[name]);
  host.dataset.runs = runs.length;
  host.dataset.machines = machines;
}

function openRun(run, event) {
  const address = host.dataset.run.replace(NO_RUN, run.id);
  if (event.ctrlKey || event.metaKey) window.open(address, "_blank", "noopener");
  else window.location.assign(address);
}

function drawn(bars) {
  host.dataset.drawn = bars;
  if (!performance.getEntriesByName("gantt-drawn").length) performance.mark("gantt-drawn");
}

async function load() {
  const answer = await fetch(host.dataset.source);  // the page has asked for it already
  if (!answer.ok) throw new Error(`${answer.status}`);
  return unpack(await answer.json());
}

function listen(gantt, data) {
  const show = () => {
    const { machines, runs } = gantt.show(wanted());
    tell(machines, runs);
  };
  filters.addEventListener("input", show);
  document.getElementById("gantt-all").addEventListener("click", () => {
    gantt.showMinutes(0, data.minutes);
    gantt.showAllLines(true);
  });
  document.getElementById("gantt-days").addEventListener("click", () => {
    const from = data.now >= 0 && data.now < data.minutes ? data.now : 0;
    gantt.showMinutes(from - DAY_MIN / 2, from + 2.5 * DAY_MIN);
    gantt.showAllLines(false);
  });
  show();
}

try {
  const data = await load();
  performance.mark("gantt-data");
  legend(document.getElementById("gantt-legend"), data);
  const all = new URLSearchParams(location.search).get("view") === "all";
  listen(new Gantt(host, data, { texts, all, onRun: openRun, onDrawn: drawn }), data);
} catch (error) {
  summary.textContent = texts.failed;
  throw error;
}
