/** Saving, copying and looking behind charts and tables. Without a script there is no menu, and nothing is missing. */
function addMenus(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) addChartMenu(figure);
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-drawing]")) {
    menuOf(figure)?.append(button("SVG", () => saveDrawing(figure), `Save ${titleOf(figure)} as SVG`));
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
      void drawChart(figure);
    });
    toggle.setAttribute("aria-pressed", "false");
    menu.append(toggle);
  }
  menu.append(
    button("SVG", () => void saveSvg(figure), `Save ${title} as SVG`),
    button("PNG", () => void savePng(figure), `Save ${title} as PNG`),
    button("CSV", () => saveText(`${figure.id}.csv`, chartCsv(chart), "text/csv"), `Save the data of ${title} as CSV`),
    button("Spec", () => showSpec(figure, chart), `Spec: the Vega-Lite specification of ${title}`),
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
  const live = liveCharts.get(figure.id) ?? (await drawChart(figure));
  if (live) saveText(`${figure.id}.svg`, await live.view.toSVG(), "image/svg+xml");
}

async function savePng(figure: HTMLElement): Promise<void> {
  const live = liveCharts.get(figure.id) ?? (await drawChart(figure));
  const canvas = await live?.view.toCanvas(2);
  canvas?.toBlob((blob) => blob && saveBlob(`${figure.id}.png`, blob), "image/png");
}

function saveDrawing(figure: HTMLElement): void {
  const drawing = figure.querySelector("svg");
  if (!drawing) return;
  const style = getComputedStyle(document.documentElement);
  const text = new XMLSerializer()
    .serializeToString(drawing)
    .replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim());
  saveText(`${figure.id}.svg`, text, "image/svg+xml");
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

function showSpec(figure: HTMLElement, chart: PageChart): void {
  const open = figure.querySelector(".spec");
  if (open) {
    open.remove();
    return;
  }
  const text = element("pre", "spec", JSON.stringify(chart.spec, null, 2));
  text.tabIndex = 0;
  figure.append(text);
}

/** The rows behind a chart: of the first dataset that its specification names. */
function chartCsv(chart: PageChart): string {
  const name = (chart.vega.data ?? []).map((source) => source.name).find((each) => pageData().datasets[each]);
  const columns = pageData().datasets[name ?? ""] ?? {};
  const names = Object.keys(columns);
  return csvText([names, ...datasetRows(name ?? "").map((row) => names.map((column) => row[column]))]);
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

async function copyText(text: string, from: HTMLButtonElement): Promise<void> {
  const said = from.textContent;
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
  from.textContent = "Copied";
  setTimeout(() => {
    from.textContent = said;
  }, 1200);
}
