// The chart's data as it comes, and what the filters leave of it. Minutes count from the window's start.

export const LATE = 1;
export const FROZEN = 2;
export const OUTSOURCED = 4;
export const ENDS_LINE = 8;
export const PINNED = 16;

const MINUTE_MS = 60_000;

// Columns of `rows`, `runs` and `lines`, in the order in which the server packs them.
const ROW = { code: 0, firm: 1, class: 2, calendar: 3 };
const RUN = { row: 0, start: 1, work: 2, end: 3, process: 4, status: 5, colour: 6, flags: 7, id: 8, parts: 9 };
const LINE = { order: 0, number: 1, firm: 2, product: 3, due: 4, late: 5 };

const named = (columns) => (packed) => {
  const row = {};
  for (const [name, place] of Object.entries(columns)) row[name] = packed[place];
  return row;
};

// The server's answer with its columns named. `parts` of a run: [line, pieces] pairs.
export function unpack(packed) {
  const runs = packed.runs.map(named(RUN));
  for (const run of runs) run.parts = pairs(run.parts);
  return { ...packed, rows: packed.rows.map(named(ROW)), lines: packed.lines.map(named(LINE)), runs };
}

export function pairs(flat) {
  const found = [];
  for (let place = 0; place < flat.length; place += 2) found.push([flat[place], flat[place + 1]]);
  return found;
}

// The instant of a minute, moved so that a clock in UTC shows the park's time: alike in every browser.
export const shownAt = (data, minute) => data.start_ms + minute * MINUTE_MS;

// Which runs the filters leave. Empty values do not ask.
function runsLeft(data, wanted) {
  const order = wanted.order.trim().toLowerCase();
  return data.runs.filter(
    (run) =>
      (!wanted.late || run.flags & LATE) &&
      (!wanted.outsourced || run.flags & OUTSOURCED) &&
      (!wanted.frozen || run.flags & FROZEN) &&
      (!order || run.parts.some(([line]) => data.lines[line].order.toLowerCase().includes(order))),
  );
}

// Lines of the chart from top to bottom: a heading per firm, then its machines by class. With a filter on runs only
// machines that still have one are left. `place` leads from a machine to its line. `gap`: lines since the
// heading before.
export function layout(data, wanted) {
  const runs = runsLeft(data, wanted);
  const asksForRuns = wanted.late || wanted.outsourced || wanted.frozen || wanted.order.trim() !== "";
  const busy = new Set(runs.map((run) => run.row));
  const lines = [];
  const place = new Map();
  let firm = -1;
  data.rows.forEach((row, index) => {
    if (wanted.firm !== "" && data.firms[row.firm][0] !== wanted.firm) return;
    if (wanted.class !== "" && data.classes[row.class][0] !== wanted.class) return;
    if (asksForRuns && !busy.has(index)) return;
    if (row.firm !== firm) {
      firm = row.firm;
      const before = lines.findLastIndex((line) => line.firm !== undefined);
      lines.push({ firm: data.firms[firm], gap: before < 0 ? Infinity : lines.length - before });
    }
    place.set(index, lines.length);
    lines.push({ row: index, code: row.code, calendar: row.calendar });
  });
  return { lines, place, runs: runs.filter((run) => place.has(run.row)) };
}

// Lines that follow each other and work by one calendar, so that their closed hours are one shape.
export function closedBlocks(lines) {
  const blocks = [];
  lines.forEach((line, index) => {
    const last = blocks.at(-1);
    if (line.row === undefined) return;
    if (last && last.calendar === line.calendar && last.end === index) last.end = index + 1;
    else blocks.push({ calendar: line.calendar, start: index, end: index + 1 });
  });
  return blocks;
}
