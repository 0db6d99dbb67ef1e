// Draws each `[data-chart]` from its JSON on the page; a drag over it opens that part of the time.
// Charts within one figure share its axis of time: what is pointed at in one is marked in all.
/* global Chart */

const LEVELS = { 10: "--debug", 20: "--info", 30: "--warning", 40: "--error", 50: "--critical" };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map(); // figure → its chart
const LEAST_AXIS = 44; // pixels: as wide as numbers mostly are, so that charts keep their place
const count = new Intl.NumberFormat("en");

function colour(name) {
  const probe = document.createElement("span"); // resolves light-dark()
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// Stripes: the bucket is not over yet.
function stripes(fill) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = fill;
  pen.globalAlpha = 0.35;
  pen.fillRect(0, 0, 8, 8);
  pen.globalAlpha = 1;
  pen.strokeStyle = fill;
  pen.lineWidth = 2;
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

const isSlim = (figure) => figure.tagName !== "FIGURE";

// The figure's own chart, then those beside it.
function sharing(figure) {
  const outer = figure.closest("figure");
  return [outer, ...outer.querySelectorAll("[data-chart]")];
}

const numbers = (figure) => JSON.parse(document.getElementById(`${figure.dataset.chart}-json`).textContent);

function datasets({ series, incomplete, starts, lines }, slim) {
  return series.map(({ label, level, tone, titles, values }) => {
    const fill = colour(LEVELS[level] ?? tone ?? "--accent-fill");
    if (titles) return { type: "line", label, data: values, borderColor: fill, backgroundColor: fill, borderWidth: 1.5, borderDash: [5, 4], pointRadius: 0, pointHoverRadius: 3, tension: 0.2, order: -1 }; // another period's
    if (lines) return { label, data: values, borderColor: fill, backgroundColor: fill, borderWidth: 2, pointRadius: 0, pointHitRadius: 8, spanGaps: false, tension: 0.2 };
    const last = incomplete ? starts.length - 1 : -1;
    const striped = stripes(fill);
    return {
      label,
      data: slim ? values.map((value) => value || null) : values, // even nothing would have the least length
      minBarLength: slim ? 2 : 0,
      backgroundColor: values.map((_, place) => (place === last ? striped : fill)),
      borderRadius: 1,
      categoryPercentage: 1,
      barPercentage: starts.length > 100 ? 0.9 : 0.82,
    };
  });
}

// Where only the first bucket of each day has a word, as many of these as there is room for.
function ticksOf({ ticks }, shared) {
  if (!ticks.includes("")) return shared;
  const worded = ticks.flatMap((word, place) => (word ? [place] : []));
  function callback(place) {
    const every = Math.ceil((worded.length * 52) / this.chart.width);
    return worded.indexOf(place) % every === 0 ? ticks[place] : "";
  }
  return { ...shared, autoSkip: false, callback };
}

// The chart of the figure tells where the axis begins and ends.
function alignment(figure) {
  const outer = figure.closest("figure");
  if (figure === outer) return { right: 12, afterFit: (axis) => { axis.width = Math.max(axis.width, LEAST_AXIS); } };
  const { chartArea, width } = drawn.get(outer);
  return { right: width - chartArea.right, afterFit: (axis) => { axis.width = drawn.get(outer).chartArea.left; } };
}

// What the other charts of the axis tell of a bucket.
function told(figure, place) {
  return sharing(figure).filter((other) => other !== figure).flatMap((other) => {
    const { series } = drawn.get(other).told;
    return [...series].reverse().filter(({ values }) => values[place] > 0).map(({ label, values, words }) => `${label}: ${words?.[place] ?? count.format(values[place])}`);
  });
}

// From the top of the bars down; another period comes last.
const rank = ({ datasetIndex }, { series }) => (series[datasetIndex].titles ? -1 : datasetIndex);

function options(numbers, figure) {
  const { right, afterFit } = alignment(figure);
  const slim = isSlim(figure);
  const muted = colour("--muted");
  const line = colour("--line");
  const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: calm.matches ? false : { duration: 200 },
    layout: { padding: { right } },
    interaction: { mode: "index", intersect: false },
    scales: {
      x: {
        stacked: !numbers.lines,
        offset: true,
        grid: { display: false },
        border: { color: line },
        ticks: slim ? { display: false } : ticksOf(numbers, { color: muted, font, maxRotation: 0, autoSkipPadding: 12 }),
      },
      y: {
        stacked: !numbers.lines,
        beginAtZero: true,
        afterFit,
        border: { display: false },
        grid: { color: line },
        ticks: { color: muted, font, maxTicksLimit: slim ? 3 : 5, precision: 0, format: { notation: "compact", maximumFractionDigits: 1 } },
        title: { display: numbers.lines, text: "ms", color: muted, font },
      },
    },
    plugins: {
      legend: { display: false },
      guide: { colour: colour("--sunken") },
      tooltip: {
        backgroundColor: colour("--tip"),
        titleColor: colour("--on-tip"),
        bodyColor: colour("--on-tip"),
        footerColor: colour("--on-tip"),
        displayColors: numbers.series.length > 1,
        itemSort: (a, b) => rank(b, numbers) - rank(a, numbers),
        enabled: !slim, // there is no room: the figure's own chart tells of both
        filter: (item, at, items) => item.raw > 0 || (at === 0 && told(figure, item.dataIndex).length > 0 && !items.some(({ raw }) => raw > 0)),
        callbacks: {
          title: ([item]) => item && numbers.titles[item.dataIndex],
          label: (item) => `${numbers.series[item.datasetIndex].titles?.[item.dataIndex] ?? item.dataset.label}: ${numbers.series[item.datasetIndex].words?.[item.dataIndex] ?? count.format(item.raw)}`,
          afterBody: ([item]) => (item ? told(figure, item.dataIndex) : []),
          footer: ([item]) => (item && numbers.incomplete && item.dataIndex === numbers.starts.length - 1 ? "So far" : ""),
        },
      },
    },
  };
}

function draw(figure) {
  const found = numbers(figure);
  drawn.get(figure)?.destroy();
  drawn.set(figure, new Chart(figure.querySelector("canvas"), {
    type: found.lines ? "line" : "bar",
    data: { labels: found.ticks, datasets: datasets(found, isSlim(figure)) },
    options: options(found, figure),
    plugins: [guide],
  }));
  drawn.get(figure).told = found;
  figure.dataset.drawn = "";
}

function refresh(figure) {
  const found = numbers(figure);
  const chart = drawn.get(figure);
  chart.data = { labels: found.ticks, datasets: datasets(found, isSlim(figure)) };
  chart.told = found;
  chart.options = options(found, figure);
  chart.update("none");
}

// --- One axis ------------------------------------------------------------------------------

const guide = {
  id: "guide",
  beforeDatasetsDraw({ ctx, chartArea, data, scales, pointed }, _, { colour }) {
    if (pointed == null) return;
    const width = chartArea.width / data.labels.length;
    ctx.fillStyle = colour;
    ctx.fillRect(scales.x.getPixelForValue(pointed) - width / 2, chartArea.top, width, chartArea.height);
  },
};

function point(figure, place) {
  const charts = sharing(figure).map((one) => drawn.get(one));
  if (charts[0].pointed === place) return;
  if (isSlim(figure)) {
    const pointed = place === null ? [] : charts[0].data.datasets.map((_, datasetIndex) => ({ datasetIndex, index: place }));
    charts[0].tooltip.setActiveElements(pointed, { x: 0, y: 0 });
  }
  for (const chart of charts) {
    chart.pointed = place;
    chart.render(); // draws, and lets the tooltip appear
  }
}

function pointable(figure) {
  if (sharing(figure).length === 1) return;
  const canvas = figure.querySelector("canvas");
  canvas.addEventListener("pointermove", (event) => point(figure, bucketAt(drawn.get(figure), event.clientX)));
  canvas.addEventListener("pointerleave", () => point(figure, null));
}

// --- Zoom ----------------------------------------------------------------------------------

function bucketAt(chart, clientX) {
  const x = clientX - chart.canvas.getBoundingClientRect().left;
  const place = chart.scales.x.getValueForPixel(Math.max(chart.chartArea.left, Math.min(x, chart.chartArea.right)));
  return Math.max(0, Math.min(Math.round(place), chart.data.labels.length - 1));
}

function zoomable(figure) {
  const canvas = figure.querySelector("canvas");
  const { zoom, leads_to: elsewhere } = numbers(figure);
  if (!zoom) return;
  canvas.classList.add(elsewhere ? "leads" : "zooms");
  const shade = document.createElement("div");
  shade.className = "zoom-shade";
  shade.hidden = true;
  canvas.after(shade);
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = event.clientX;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (from === null || Math.abs(event.clientX - from) < 5) return;
    const left = canvas.getBoundingClientRect().left;
    const { chartArea } = drawn.get(figure);
    const [low, high] = [from, event.clientX].map((x) => Math.max(chartArea.left, Math.min(x - left, chartArea.right))).sort((a, b) => a - b);
    Object.assign(shade.style, { left: `${low}px`, width: `${high - low}px` });
    shade.hidden = false;
  });
  canvas.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const chart = drawn.get(figure);
    const [low, high] = [bucketAt(chart, from), bucketAt(chart, event.clientX)].sort((a, b) => a - b);
    const dragged = !shade.hidden;
    from = null;
    shade.hidden = true;
    const found = numbers(figure);
    if (dragged) open(found.zoom, found, low, high);
    else if (elsewhere) open(elsewhere, found, low, low);
  });
  canvas.addEventListener("pointercancel", () => { from = null; shade.hidden = true; });
}

function open(to, { starts, ends }, low, high) {
  const address = new URL(to, location.href);
  address.searchParams.set("since", starts[low]);
  address.searchParams.set("until", ends[high]);
  location.assign(address);
}

const figures = () => document.querySelectorAll("[data-chart]");
for (const figure of figures()) draw(figure);
for (const figure of figures()) {
  pointable(figure);
  zoomable(figure);
}
document.addEventListener("refreshed", () => figures().forEach(refresh));
// The system's theme has changed, or the page's: canvases know no variables.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures().forEach(refresh));
new MutationObserver(() => figures().forEach(refresh)).observe(document.documentElement, { attributeFilter: ["data-theme"] });
