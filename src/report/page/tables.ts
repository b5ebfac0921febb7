/** Above this many rows a table gets a field that filters them. */
const FILTERED = 12;

function equipTables(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("figure.table")) {
    const table = figure.querySelector("table");
    const data = pageData().tables[figure.id];
    if (!table || !data) continue;
    if (figure.hasAttribute("data-tools")) makeSortable(table, data);
    foldRows(figure, table);
    if (figure.hasAttribute("data-tools") && data.rows.length > FILTERED) addFilter(figure, table);
  }
}

function makeSortable(table: HTMLTableElement, data: PageTable): void {
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  const heads = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  heads.forEach((head, column) => {
    const sort = element("button", "sort");
    sort.type = "button";
    sort.append(...head.childNodes);
    head.append(sort);
    sort.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
      const order = rows.map((_, i) => i).sort((a, b) => compareCells(data.rows[a]?.[column], data.rows[b]?.[column]));
      if (direction === "descending") order.reverse();
      table.tBodies[0]?.append(...order.map((i) => rows[i] as HTMLTableRowElement));
    });
  });
}

/** Numbers by size, texts in order, and what is missing last. */
function compareCells(a: unknown, b: unknown): number {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function foldRows(figure: HTMLElement, table: HTMLTableElement): void {
  const folded = table.querySelector<HTMLElement>("tbody.folded");
  if (!folded) return;
  folded.hidden = true;
  const count = table.querySelectorAll("tbody tr").length;
  const show = button(`Show all ${count} rows`, () => {
    folded.hidden = !folded.hidden;
    show.textContent = folded.hidden ? `Show all ${count} rows` : "Show fewer rows";
    show.setAttribute("aria-expanded", String(!folded.hidden));
  });
  show.setAttribute("aria-expanded", "false");
  figure.append(show);
}

function addFilter(figure: HTMLElement, table: HTMLTableElement): void {
  const input = element("input");
  input.type = "search";
  input.placeholder = "Filter rows";
  input.setAttribute("aria-label", `Filter the rows of ${titleOf(figure)}`);
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    const folded = table.querySelector<HTMLElement>("tbody.folded");
    if (folded && wanted) folded.hidden = false;
    for (const row of table.querySelectorAll<HTMLElement>("tbody tr")) {
      row.hidden = !(row.textContent ?? "").toLowerCase().includes(wanted);
    }
  });
  const place = element("div", "filter");
  place.append(input);
  figure.querySelector(".scroll")?.before(place);
}
