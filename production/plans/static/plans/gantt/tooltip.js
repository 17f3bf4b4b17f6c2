// What is told of a run under the pointer. Built from text nodes: nothing of it is read as HTML.
import { FROZEN, LATE, OUTSOURCED, PINNED, shownAt } from "./model.js";

const MOST_PARTS = 6;

// 11-24 08:30 of a moment that is moved so that UTC shows the park's time.
export function clock(shown) {
  const text = new Date(shown).toISOString();
  return `${text.slice(5, 10)} ${text.slice(11, 16)}`;
}

export function tooltipOf(run, data, texts) {
  const box = element("div", "gantt-tip");
  const row = data.rows[run.row];
  const [code, firm] = data.firms[row.firm];
  box.append(element("strong", "", `${row.code} · ${data.processes[run.process]}`));
  box.append(element("div", "gantt-tip-quiet", `${code} ${firm} · ${data.classes[row.class][1]}`));
  box.append(element("div", "", `${clock(shownAt(data, run.start))} – ${clock(shownAt(data, run.end))}`));
  const setup = run.work - run.start;
  if (setup > 0) box.append(element("div", "gantt-tip-quiet", `${texts.setup}: ${setup} min`));
  for (const [line, pieces] of run.parts.slice(0, MOST_PARTS)) {
    box.append(partOf(data.lines[line], pieces, data, texts));
  }
  const more = run.parts.length - MOST_PARTS;
  if (more > 0) box.append(element("div", "gantt-tip-quiet", texts.more.replace("%(more)s", more)));
  box.append(element("div", "gantt-tip-marks", marksOf(run, data, texts).join(" · ")));
  return box;
}

function partOf(line, pieces, data, texts) {
  const box = element("div", "gantt-tip-part");
  const [code] = data.firms[line.firm];
  const due = `${texts.due} ${clock(shownAt(data, line.due))}`;
  box.append(element("div", "", `${code} ${line.order}/${line.number} · ${data.products[line.product]}`));
  box.append(element("div", line.late ? "gantt-tip-late" : "gantt-tip-quiet", `${pieces} ${texts.pieces} · ${due}`));
  return box;
}

function marksOf(run, data, texts) {
  const marks = [data.statuses[run.status]];
  if (run.flags & LATE) marks.push(texts.late);
  if (run.flags & FROZEN) marks.push(texts.frozen);
  if (run.flags & OUTSOURCED) marks.push(texts.outsourced);
  if (run.flags & PINNED) marks.push(texts.pinned);
  return marks;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
