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
  const heads = [...table.querySelectorAll<HTMLTableCellElement>("thead tr > *")];
  heads.forEach((head, column) => {
    // A heading without a word has no name that a button could have.
    if (!head.textContent?.trim()) return;
    const sort = element("button", "sort");
    sort.type = "button";
    sort.append(...head.childNodes);
    head.append(sort);
    sort.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
      const sign = direction === "descending" ? -1 : 1;
      const order = rows
        .map((_, i) => i)
        .sort((a, b) => compareCells(data.rows[a]?.[column], data.rows[b]?.[column], sign));
      fillBodies(
        table,
        order.map((i) => rows[i] as HTMLTableRowElement),
      );
    });
  });
}

/** As many rows in sight as before, whichever they are now. */
function fillBodies(table: HTMLTableElement, rows: readonly HTMLTableRowElement[]): void {
  let next = 0;
  const counts = [...table.tBodies].map((body) => body.rows.length);
  for (const [i, count] of counts.entries()) {
    table.tBodies[i]?.append(...rows.slice(next, next + count));
    next += count;
  }
}

/** Numbers by size, texts in order, either way round; and what is missing last in both. */
function compareCells(a: unknown, b: unknown, sign: number): number {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}

function foldRows(figure: HTMLElement, table: HTMLTableElement): void {
  const folded = table.querySelector<HTMLElement>("tbody.folded");
  if (!folded) return;
  const count = table.querySelectorAll("tbody tr").length;
  const fold = (hidden: boolean) => {
    folded.hidden = hidden;
    show.textContent = hidden ? `Show all ${count} rows` : "Show fewer rows";
    show.setAttribute("aria-expanded", String(!hidden));
  };
  const show = button("", () => fold(!folded.hidden));
  show.classList.add("show-all");
  fold(true);
  figure.append(show);
}

function addFilter(figure: HTMLElement, table: HTMLTableElement): void {
  const input = element("input");
  input.type = "search";
  input.placeholder = "Filter rows";
  input.setAttribute("aria-label", `Filter the rows of ${titleOf(figure)}`);
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    // What is looked for may be folded away; without a filter the table is folded as it was.
    table.classList.toggle("filtered", wanted !== "");
    for (const row of table.querySelectorAll<HTMLElement>("tbody tr")) {
      row.hidden = !(row.textContent ?? "").toLowerCase().includes(wanted);
    }
  });
  const place = element("div", "filter");
  place.append(input);
  figure.querySelector(".scroll")?.before(place);
}
