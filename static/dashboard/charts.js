// Draws `figure[data-chart]` from the JSON beside it; a drag over it opens that part of the time.
/* global Chart */

const LEVELS = { 10: "--debug", 20: "--info", 30: "--warning", 40: "--error", 50: "--critical" };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map(); // figure → its chart
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

const numbers = (figure) => JSON.parse(document.getElementById(`${figure.dataset.chart}-json`).textContent);

function datasets({ series, incomplete, starts, lines }) {
  return series.map(({ label, level, tone, values }) => {
    const fill = colour(LEVELS[level] ?? tone ?? "--accent-fill");
    if (lines) return { label, data: values, borderColor: fill, backgroundColor: fill, borderWidth: 2, pointRadius: 0, pointHitRadius: 8, spanGaps: false, tension: 0.2 };
    const last = incomplete ? starts.length - 1 : -1;
    const striped = stripes(fill);
    return {
      label,
      data: values,
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

function options(numbers) {
  const muted = colour("--muted");
  const line = colour("--line");
  const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: calm.matches ? false : { duration: 200 },
    layout: { padding: { right: 12 } },
    interaction: { mode: "index", intersect: false },
    scales: {
      x: {
        stacked: !numbers.lines,
        grid: { display: false },
        border: { color: line },
        ticks: ticksOf(numbers, { color: muted, font, maxRotation: 0, autoSkipPadding: 12 }),
      },
      y: {
        stacked: !numbers.lines,
        beginAtZero: true,
        border: { display: false },
        grid: { color: line },
        ticks: { color: muted, font, maxTicksLimit: 5, precision: 0, format: { notation: "compact", maximumFractionDigits: 1 } },
        title: { display: numbers.lines, text: "ms", color: muted, font },
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: colour("--tip"),
        titleColor: colour("--on-tip"),
        bodyColor: colour("--on-tip"),
        footerColor: colour("--on-tip"),
        displayColors: numbers.series.length > 1,
        itemSort: (a, b) => b.datasetIndex - a.datasetIndex,
        filter: (item) => item.raw > 0,
        callbacks: {
          title: ([item]) => item && numbers.titles[item.dataIndex],
          label: (item) => `${item.dataset.label}: ${numbers.series[item.datasetIndex].words?.[item.dataIndex] ?? count.format(item.raw)}`,
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
    data: { labels: found.ticks, datasets: datasets(found) },
    options: options(found),
  }));
  figure.dataset.drawn = "";
}

function refresh(figure) {
  const found = numbers(figure);
  const chart = drawn.get(figure);
  chart.data = { labels: found.ticks, datasets: datasets(found) };
  chart.options = options(found);
  chart.update("none");
}

// --- Zoom ----------------------------------------------------------------------------------

function bucketAt(chart, clientX) {
  const x = clientX - chart.canvas.getBoundingClientRect().left;
  const place = chart.scales.x.getValueForPixel(Math.max(chart.chartArea.left, Math.min(x, chart.chartArea.right)));
  return Math.max(0, Math.min(Math.round(place), chart.data.labels.length - 1));
}

function zoomable(figure) {
  const canvas = figure.querySelector("canvas");
  if (!numbers(figure).zoom) return;
  canvas.classList.add("zooms");
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
    if (dragged) open(numbers(figure), low, high);
  });
  canvas.addEventListener("pointercancel", () => { from = null; shade.hidden = true; });
}

function open({ zoom, starts, ends }, low, high) {
  const address = new URL(zoom, location.href);
  address.searchParams.set("since", starts[low]);
  address.searchParams.set("until", ends[high]);
  location.assign(address);
}

const figures = () => document.querySelectorAll("figure[data-chart]");
for (const figure of figures()) {
  draw(figure);
  zoomable(figure);
}
document.addEventListener("refreshed", () => figures().forEach(refresh));
// The system's theme has changed, or the page's: canvases know no variables.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures().forEach(refresh));
new MutationObserver(() => figures().forEach(refresh)).observe(document.documentElement, { attributeFilter: ["data-theme"] });
