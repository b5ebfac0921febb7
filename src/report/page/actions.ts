/** Saving, copying and looking behind charts and tables. Without a script there is no menu, and nothing is missing. */
function addMenus(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) addChartMenu(figure);
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-drawing]")) {
    menuOf(figure)?.append(
      button("SVG", () => saveDrawing(figure), `Save ${titleOf(figure)} as SVG`),
      button("PNG", () => void saveDrawingPng(figure), `Save ${titleOf(figure)} as PNG`),
    );
  }
  for (const figure of document.querySelectorAll<HTMLElement>("figure.image")) {
    menuOf(figure)?.append(button("PNG", () => saveImage(figure), `Save ${titleOf(figure)} as PNG`));
  }
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-tools]")) addTableMenu(figure);
}

function menuOf(figure: HTMLElement): HTMLElement | null {
  const place = figure.querySelector<HTMLElement>("figcaption .menu-place");
  place?.classList.add("menu");
  return place;
}

function titleOf(figure: HTMLElement): string {
  return figure.querySelector("figcaption span")?.textContent ?? figure.id;
}

function addChartMenu(figure: HTMLElement): void {
  const chart = pageData().charts[figure.id];
  const menu = menuOf(figure);
  if (!chart || !menu) return;
  const title = titleOf(figure);
  if (chart.toggle) {
    const { label } = chart.toggle;
    const toggle = button(label, () => {
      const on = !toggledCharts.has(figure.id);
      if (on) toggledCharts.add(figure.id);
      else toggledCharts.delete(figure.id);
      toggle.setAttribute("aria-pressed", String(on));
      const open = figure.querySelector(".spec");
      if (open) open.textContent = specText(figure, chart);
      void drawChart(figure);
    });
    toggle.setAttribute("aria-pressed", "false");
    menu.append(toggle);
  }
  const spec = button("Spec", () => showSpec(figure, chart, spec), `Spec: the Vega-Lite specification of ${title}`);
  spec.setAttribute("aria-expanded", "false");
  menu.append(
    button("SVG", () => void saveSvg(figure), `Save ${title} as SVG`),
    button("PNG", () => void savePng(figure), `Save ${title} as PNG`),
    button("CSV", () => saveText(`${figure.id}.csv`, chartCsv(chart), "text/csv"), `Save the data of ${title} as CSV`),
    spec,
  );
}

function addTableMenu(figure: HTMLElement): void {
  const table = pageData().tables[figure.id];
  const menu = menuOf(figure);
  if (!table || !menu) return;
  for (const [name, write] of [
    ["CSV", tableCsv],
    ["Markdown", tableMarkdown],
    ["LaTeX", tableLatex],
  ] as const) {
    const copy = button(name, () => void copyText(write(table), copy), `Copy ${table.title} as ${name}`);
    copy.title = `Copy as ${name}`;
    menu.append(copy);
  }
}

async function saveSvg(figure: HTMLElement): Promise<void> {
  const view = await lightView(figure);
  if (view) saveText(`${figure.id}.svg`, await view.toSVG(), "image/svg+xml");
  view?.finalize();
}

async function savePng(figure: HTMLElement): Promise<void> {
  const view = await lightView(figure);
  const canvas = await view?.toCanvas(PNG_SCALE);
  canvas?.toBlob((blob) => blob && saveBlob(`${figure.id}.png`, blob), "image/png");
  view?.finalize();
}

/** As wide as it is on the page, but in the colours of light paper whatever the page's are: files go into documents. */
async function lightView(figure: HTMLElement): Promise<VegaView | undefined> {
  const live = liveCharts.get(figure.id) ?? (await drawChart(figure));
  if (!live) return undefined;
  const spec = specOf(figure, live.chart, "light");
  if (spec.width !== undefined) spec.width = live.view.width();
  if (spec.height !== undefined) spec.height = live.view.height();
  const view = new vega.View(vega.parse({ ...spec, background: LIGHT["--paper"] }, null, { ast: true }), {
    expr: vega.expressionInterpreter,
    renderer: "none",
    logLevel: vega.Warn,
    loader: nothingLoads,
  });
  return view.runAsync();
}

const PNG_SCALE = 2;

/** The drawing as a file of its own: light colours, on white. */
function drawingText(drawing: SVGSVGElement): string {
  const { width, height } = drawing.viewBox?.baseVal ?? drawing.getBoundingClientRect();
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: "var(--paper)" }))
    paper.setAttribute(name, value);
  copy.prepend(paper);
  return withColors(new XMLSerializer().serializeToString(copy), "light");
}

function saveDrawing(figure: HTMLElement): void {
  const drawing = figure.querySelector<SVGSVGElement>(".picture > svg");
  if (drawing) saveText(`${figure.id}.svg`, drawingText(drawing), "image/svg+xml");
}

async function saveDrawingPng(figure: HTMLElement): Promise<void> {
  const drawing = figure.querySelector<SVGSVGElement>(".picture > svg");
  if (!drawing) return;
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(drawingText(drawing))}`;
  await image.decode();
  const canvas = element("canvas");
  canvas.width = image.naturalWidth * PNG_SCALE;
  canvas.height = image.naturalHeight * PNG_SCALE;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && saveBlob(`${figure.id}.png`, blob), "image/png");
}

/** Pictures are PNG already. */
function saveImage(figure: HTMLElement): void {
  const source = figure.querySelector("img")?.src ?? "";
  const bytes = Uint8Array.from(atob(source.slice(source.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
  saveBlob(`${figure.id}.png`, new Blob([bytes], { type: "image/png" }));
}

function saveText(name: string, text: string, type: string): void {
  saveBlob(name, new Blob([text], { type }));
}

function saveBlob(name: string, blob: Blob): void {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function showSpec(figure: HTMLElement, chart: PageChart, from: HTMLButtonElement): void {
  const open = figure.querySelector(".spec");
  from.setAttribute("aria-expanded", String(open === null));
  if (open) {
    open.remove();
    return;
  }
  const text = element("pre", "spec", specText(figure, chart));
  text.tabIndex = 0;
  figure.append(text);
}

/** Of what is drawn now. */
function specText(figure: HTMLElement, chart: PageChart): string {
  const shown = toggledCharts.has(figure.id) && chart.toggle ? chart.toggle : chart;
  return JSON.stringify(shown.spec, null, 2);
}

/** The rows behind a chart: of the first dataset that its specification names. */
function chartCsv(chart: PageChart): string {
  const name = (chart.vega.data ?? []).map((source) => source.name).find((each) => pageData().datasets[each]);
  const columns = Object.entries(pageData().datasets[name ?? ""] ?? {});
  const rows = Array.from({ length: columns[0]?.[1].length ?? 0 }, (_, i) => columns.map(([, values]) => values[i]));
  return csvText([columns.map(([column]) => column), ...rows]);
}

function tableCsv({ columns, rows }: PageTable): string {
  return csvText([columns.map(heading), ...rows]);
}

function csvText(rows: readonly (readonly unknown[])[]): string {
  const field = (value: unknown) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return rows.map((row) => `${row.map(field).join(",")}\n`).join("");
}

function heading({ label, unit }: PageTable["columns"][number]): string {
  return unit ? `${label} (${unit})` : label;
}

function shortNumber(value: string | number | boolean | null): string {
  if (value === null) return "";
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

function tableMarkdown({ columns, rows }: PageTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |\n`;
  return (
    line(columns.map(heading)) + line(columns.map(() => "---")) + rows.map((row) => line(row.map(shortNumber))).join("")
  );
}

function tableLatex({ columns, rows }: PageTable): string {
  const escaped = (text: string) =>
    text
      .replace(/\\/g, "\\textbackslash ")
      .replace(/[&%$#_{}]/g, "\\$&")
      .replace(/~/g, "\\textasciitilde ")
      .replace(/\^/g, "\\textasciicircum ");
  const line = (cells: readonly string[]) => `${cells.map(escaped).join(" & ")} \\\\\n`;
  const align = columns.map((_, c) => (rows.some((row) => typeof row[c] === "number") ? "r" : "l")).join("");
  const body = rows.map((row) => line(row.map(shortNumber))).join("");
  return `\\begin{tabular}{${align}}\n\\hline\n${line(columns.map(heading))}\\hline\n${body}\\hline\n\\end{tabular}\n`;
}

const copied = new Map<HTMLButtonElement, ReturnType<typeof setTimeout>>();

async function copyText(text: string, from: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Some browsers keep the clipboard from local files; the older way still works there.
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  // A second click within the time must not take the word of the first for the button's own.
  from.dataset.own ??= from.textContent ?? "";
  from.textContent = "Copied";
  clearTimeout(copied.get(from));
  copied.set(
    from,
    setTimeout(() => {
      from.textContent = from.dataset.own ?? "";
    }, 1200),
  );
}
