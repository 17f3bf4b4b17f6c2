// The chart itself: one drawing surface, its layers, zoom and pan.
import { init } from "../../vendor/echarts/echarts.js";
import { lookOf } from "./look.js";
import * as marks from "./marks.js";
import { closedBlocks, ENDS_LINE, layout, pairs, shownAt } from "./model.js";
import { clock, tooltipOf } from "./tooltip.js";

const MARGIN_PX = 118;
const LINE_PX = 24;
const EDGES = { left: MARGIN_PX, right: 34, top: 30, bottom: 64 };

// `all`: show all lines at first, else as many as are readable. `onRun`: called with the run that was clicked and the
// browser's event. `onDrawn`: with the number of bars drawn.
export class Gantt {
  constructor(host, data, { texts, all, onRun, onDrawn }) {
    Object.assign(this, { host, data, texts, all });
    this.chart = init(host, null, { renderer: "canvas", useDirtyRect: false });
    this.chart.on("click", { seriesName: "runs" }, (event) => onRun(this.runs[event.value[3]], event.event.event));
    this.chart.on("finished", () => onDrawn(this.barsDrawn()));
    // The page lays itself out after its scripts have begun: a width that is 0 now is not so in a moment.
    new ResizeObserver(() => this.chart.resize()).observe(host);
    const theme = new MutationObserver(() => this.repaint());
    theme.observe(document.documentElement, { attributeFilter: ["class"] });
  }

  // Draws what the filters leave, over the whole window.
  show(wanted) {
    this.wanted = wanted;
    const { lines, place, runs } = layout(this.data, wanted);
    Object.assign(this, { lines, runs });
    this.chart.setOption(this.option(lines, place, runs), { notMerge: true });
    return { machines: place.size, runs };
  }

  // Draws the same anew in the page's colours, and zooms to where one was.
  repaint() {
    const zoomed = this.chart.getOption().dataZoom.map(({ start, end }, dataZoomIndex) => ({ dataZoomIndex, start, end }));
    this.show(this.wanted);
    this.chart.dispatchAction({ type: "dataZoom", batch: zoomed });
  }

  // Zooms to all lines, or back to readable ones.
  showAllLines(all) {
    this.all = all;
    this.zoom("lines", 0, this.linesAtFirst() - 1);
  }

  // Zooms to some minutes of the window.
  showMinutes(from, to) {
    const data = this.data;
    this.zoom("time", shownAt(data, Math.max(0, from)), shownAt(data, Math.min(data.minutes, to)));
  }

  zoom(which, startValue, endValue) {
    const dataZoomIndex = which === "time" ? 0 : 2;
    this.chart.dispatchAction({ type: "dataZoom", dataZoomIndex, startValue, endValue });
  }

  linesAtFirst() {
    if (this.all) return this.lines.length;
    const height = this.host.clientHeight - EDGES.top - EDGES.bottom;
    return Math.max(1, Math.min(this.lines.length, Math.floor(height / LINE_PX)));
  }

  barsDrawn() {
    let count = 0;
    for (const shape of this.chart.getZr().storage.getDisplayList()) if (shape.name === "bar") count += 1;
    return count;
  }

  option(lines, place, runs) {
    const { data, texts } = this;
    const look = lookOf(this.host, data, texts);
    const start = shownAt(data, 0);
    const end = shownAt(data, data.minutes);
    return {
      useUTC: true,
      animation: false,
      textStyle: { fontFamily: look.font },
      grid: EDGES,
      tooltip: {
        confine: true,
        backgroundColor: look.panel,
        borderColor: look.line,
        textStyle: { color: look.ink, fontSize: 12 },
        formatter: (event) => tooltipOf(this.runs[event.value[3]], data, texts),
      },
      xAxis: timeAxis(start, end, look),
      yAxis: {
        type: "category",
        inverse: true,
        data: lines.map((_line, index) => index),
        axisLabel: { show: false },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: look.line } },
        splitLine: { show: true, interval: 0, lineStyle: { color: look.line, opacity: 0.5 } },
      },
      dataZoom: zooms(lines.length, this.linesAtFirst(), look),
      series: [...this.grounds(lines, place, look), ...this.work(place, runs, look), nowLine(data, texts, look)],
    };
  }

  // What lies under the bars: closed hours, other takings, headings.
  grounds(lines, place, look) {
    const { data, wanted } = this;
    const calendars = data.calendars.map(pairs);
    const blocks = closedBlocks(lines);
    const start = shownAt(data, 0);
    const end = shownAt(data, data.minutes);
    const shades = blocks.map((block, index) => [start, end, block.start, block.end - 1, index, data.minutes]);
    const closed = marks.closed({ blocks, calendars, look });
    const headings = lines.map((_line, index) => [start, index]);
    const takings = [...takingsOf(data, data.downtimes, place, 0), ...takingsOf(data, data.bookings, place, 1)];
    return [
      layer("closed", wanted.hours ? shades : [], { x: [0, 1], y: [2, 3] }, closed, 1),
      layer("taken", wanted.hours ? takings : [], { x: [0, 1], y: 2 }, marks.taken({ look }), 2),
      layer("lines", headings, { y: 1 }, marks.heading({ lines, look, margin: MARGIN_PX }), 3),
    ];
  }

  work(place, runs, look) {
    const { data, wanted } = this;
    const at = (minute) => shownAt(data, minute);
    const bars = runs.map((run, index) => [at(run.start), at(run.end), place.get(run.row), index, at(run.work)]);
    const ending = wanted.dues ? runs.filter((run) => run.flags & ENDS_LINE) : [];
    const dues = ending.flatMap((run) => this.duesOf(run, place));
    return [
      { ...layer("runs", bars, { x: [0, 1], y: 2 }, marks.bar({ runs, look }), 4), silent: false },
      layer("due", dues, { x: [0, 1], y: 2 }, marks.due({ look }), 5),
    ];
  }

  duesOf(run, place) {
    const { data } = this;
    return run.parts.map(([index]) => {
      const line = data.lines[index];
      return [shownAt(data, line.due), shownAt(data, run.end), place.get(run.row), line.late];
    });
  }
}

const layer = (name, data, encode, renderItem, z) => ({
  type: "custom", name, data, encode, renderItem, z, silent: true, clip: false, progressive: 0,
  tooltip: { show: name === "runs" },
});

function* takingsOf(data, taken, place, kind) {
  for (const [row, ...flat] of taken) {
    if (!place.has(row)) continue;
    for (const [start, end] of pairs(flat)) yield [shownAt(data, start), shownAt(data, end), place.get(row), kind];
  }
}

function timeAxis(min, max, look) {
  return {
    type: "time",
    position: "top",
    min,
    max,
    axisLabel: {
      color: look.quiet,
      hideOverlap: true,
      formatter: { year: "{yyyy}-{MM}", month: "{MM}-{dd}", day: "{MM}-{dd}", hour: "{HH}:{mm}", minute: "{HH}:{mm}" },
    },
    axisLine: { lineStyle: { color: look.line } },
    splitLine: { show: true, lineStyle: { color: look.line, opacity: 0.7 } },
  };
}

// Dragging moves; the wheel moves over the lines, with Ctrl it zooms the time, with Shift the lines.
function zooms(count, first, look) {
  const text = { color: look.quiet };
  return [
    { type: "inside", xAxisIndex: 0, filterMode: "weakFilter", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true },
    {
      type: "slider", xAxisIndex: 0, filterMode: "weakFilter", bottom: 12, height: 22, textStyle: text,
      labelFormatter: clock, showDataShadow: false,
    },
    {
      type: "inside", yAxisIndex: 0, filterMode: "weakFilter", zoomOnMouseWheel: "shift", moveOnMouseWheel: true,
      moveOnMouseMove: true, startValue: 0, endValue: first - 1,
    },
    {
      type: "slider", yAxisIndex: 0, filterMode: "weakFilter", right: 6, width: 16, startValue: 0, endValue: first - 1,
      showDetail: false, showDataShadow: false, brushSelect: false, show: count > 1,
    },
  ];
}

function nowLine(data, texts, look) {
  const shown = data.now >= 0 && data.now <= data.minutes ? [{ xAxis: shownAt(data, data.now) }] : [];
  return {
    type: "line",
    data: [],
    markLine: {
      silent: true,
      symbol: "none",
      animation: false,
      z: 6,
      lineStyle: { color: look.now, width: 2, type: "solid" },
      label: { formatter: `${texts.now} ${clock(shownAt(data, data.now))}`, color: look.now, position: "end" },
      data: shown,
    },
  };
}
