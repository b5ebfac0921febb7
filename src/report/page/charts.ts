/** What this page uses of Vega. */
interface VegaView {
  runAsync(): Promise<VegaView>;
  finalize(): void;
  toSVG(scale?: number): Promise<string>;
  toCanvas(scale?: number): Promise<HTMLCanvasElement>;
  width(): number;
  width(width: number): VegaView;
  height(): number;
  data(name: string): unknown[];
  data(name: string, rows: unknown[]): VegaView;
  signal(name: string): unknown;
  signal(name: string, value: unknown): VegaView;
  addEventListener(type: string, handler: () => void): VegaView;
  addDataListener(name: string, listener: (name: string, rows: unknown[]) => void): VegaView;
}
interface Vega {
  parse(spec: unknown, config: null, options: { ast: boolean }): unknown;
  View: new (runtime: unknown, options: Record<string, unknown>) => VegaView;
  expressionInterpreter: unknown;
  Warn: number;
}
declare const vega: Vega;

interface LiveChart {
  readonly view: VegaView;
  readonly chart: PageChart;
  readonly figure: HTMLElement;
  /** Axes: what the chart takes besides its plot. */
  frame: number;
}

const liveCharts = new Map<string, LiveChart>();
/** Charts that show their other specification. */
const toggledCharts = new Set<string>();

/** Charts become interactive when they come near the window. */
function watchCharts(): void {
  const figures = [...document.querySelectorAll<HTMLElement>("figure[data-chart]")];
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        void drawChart(target as HTMLElement);
      }
    },
    { rootMargin: "300px" },
  );
  for (const figure of figures) observer.observe(figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { figure } of [...liveCharts.values()]) void drawChart(figure);
  });
  let timer = 0;
  addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(fitCharts, 150);
  });
}

async function drawChart(figure: HTMLElement): Promise<LiveChart | undefined> {
  const chart = pageData().charts[figure.id];
  const picture = figure.querySelector<HTMLElement>(".picture");
  const still = picture?.querySelector<SVGElement>(".static svg");
  if (!chart || !picture) return undefined;
  liveCharts.get(figure.id)?.view.finalize();
  picture.querySelector(".live")?.remove();
  const live = element("div", "live");
  live.setAttribute("role", "img");
  live.setAttribute("aria-label", still?.getAttribute("aria-label") ?? chart.title);
  // Vega gives every mark a role but no name; the description of the whole says more.
  const container = element("div");
  container.setAttribute("aria-hidden", "true");
  live.append(container);
  // What stands below stays where it is when the drawing takes the place of the picture.
  const scaled = still && still.clientHeight !== Number(still.getAttribute("height"));
  if (still && !scaled && !chart.fixed) live.style.minHeight = `${still.clientHeight}px`;
  picture.append(live);
  const spec = specOf(figure, chart, "page");
  const frame = Number(still?.getAttribute("width") ?? 0) - (chart.vega.width ?? 0);
  // Before the static picture goes: afterwards an empty place would be measured.
  if (spec.width !== undefined) {
    // Letters of the browser may be a little wider than those that the frame was guessed from.
    const width = plotWidth(picture, frame + (chart.fixed ? 8 : 0));
    if (!chart.fixed) spec.width = width;
    else if (width < spec.width) {
      // It keeps its shape.
      spec.height = Math.round(((spec.height ?? spec.width) * width) / spec.width);
      spec.width = width;
    }
  }
  const view = new vega.View(vega.parse(spec, null, { ast: true }), {
    expr: vega.expressionInterpreter,
    renderer: chart.renderer,
    container,
    hover: true,
    logLevel: vega.Warn,
    loader: nothingLoads,
    tooltip: (_: unknown, event: MouseEvent, item: { datum?: Record<string, unknown> } | null, value: unknown) =>
      showTip(chart, event, item?.datum, value),
  });
  const drawn: LiveChart = { view, chart, figure, frame };
  liveCharts.set(figure.id, drawn);
  await view.runAsync();
  figure.classList.add("has-live");
  // The static picture was made where letters could not be measured.
  drawn.frame = (container.querySelector("svg, canvas")?.clientWidth ?? 0) - view.width() || frame;
  if (Math.abs(drawn.frame - frame) > 2) await fitChart(drawn);
  if (chart.link) linkBrush(drawn, chart.link);
  return drawn;
}

/** What a chart is drawn from now, in the colours of the page or of light paper, with its rows. */
function specOf(figure: HTMLElement, chart: PageChart, colors: "page" | "light"): VegaSpec {
  const shown = toggledCharts.has(figure.id) && chart.toggle ? chart.toggle : chart;
  const spec = JSON.parse(withColors(JSON.stringify(shown.vega), colors)) as VegaSpec;
  for (const source of spec.data ?? []) {
    if (pageData().datasets[source.name] && !source.values && !source.source) source.values = datasetRows(source.name);
  }
  return spec;
}

/** The policy of the page would refuse too; this way nothing is tried. */
const refuseToLoad = (uri: string): Promise<never> => Promise.reject(new Error(`a report loads nothing: ${uri}`));
const nothingLoads = { load: refuseToLoad, sanitize: refuseToLoad, http: refuseToLoad, file: refuseToLoad };

function plotWidth(picture: HTMLElement, frame: number): number {
  return Math.max(180, Math.min(900, picture.clientWidth - frame));
}

function fitCharts(): void {
  for (const drawn of liveCharts.values()) void fitChart(drawn);
}

async function fitChart({ view, chart, figure, frame }: LiveChart): Promise<void> {
  const picture = figure.querySelector<HTMLElement>(".picture");
  if (!chart.fixed && chart.vega.width !== undefined && picture) await view.width(plotWidth(picture, frame)).runAsync();
}

/** The text with the colours that `var(--ink)` and its like stand for: now on this page, or always on light paper. */
function withColors(text: string, colors: "page" | "light"): string {
  const style = getComputedStyle(document.documentElement);
  return text.replace(/var\((--[\w-]+)\)/g, (_, name: string) =>
    colors === "light" ? (LIGHT[name] ?? "#000000") : style.getPropertyValue(name).trim(),
  );
}

/**
 * A press in a plane that is lit by another's brush begins anew in all of them. Vega itself would see no change there: it
 * has no rectangle in this plane.
 */
function endBrush(pressed: LiveChart, group: string): void {
  const [from, to] = pressed.view.signal("brush_x") as number[];
  if (from !== to || pressed.view.data("brush_store").length === 0) return;
  void pressed.view.data("brush_store", []).runAsync();
  void passBrush(pressed, group, []);
}

/**
 * A brush in one chart selects by fields that the rows of all linked charts have, so it is enough to hand on what Vega
 * keeps of it.
 */
function linkBrush(source: LiveChart, group: string): void {
  source.view.addEventListener("pointerdown", () => endBrush(source, group));
  source.view.addDataListener("brush_store", (_, rows) => {
    if (passingOn) return;
    void passBrush(source, group, JSON.parse(JSON.stringify(rows)) as unknown[]);
  });
}
let passingOn = false;

async function passBrush(source: LiveChart, group: string, rows: unknown[]): Promise<void> {
  passingOn = true;
  try {
    for (const other of liveCharts.values()) {
      if (other === source || other.chart.link !== group) continue;
      // Its own rectangle goes first; that empties its store.
      await other.view.signal("brush_x", []).signal("brush_y", []).runAsync();
      other.view.data("brush_store", rows);
      await other.view.runAsync();
    }
  } finally {
    passingOn = false;
  }
}
