/** Where everything starts: after the document is read, whatever the order of the files. */
document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("js");
  addMenus();
  equipTables();
  startExplorers();
  stopWhereItScrolls();
  watchCharts();
  markSection();
  holdTarget();
});

/** Marks the section that is being read in the navigation: the last that has come up to the upper third of the window. */
function markSection(): void {
  const sections = [...document.querySelectorAll<HTMLElement>("main > section")];
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>("nav a")].map((link) => [link.hash.slice(1), link] as const),
  );
  const mark = () => {
    const page = document.documentElement;
    const atEnd = scrollY > 0 && innerHeight + scrollY >= page.scrollHeight - 2;
    const reached = sections.filter((section) => section.getBoundingClientRect().top <= 0.3 * innerHeight);
    const current = (atEnd ? sections : reached).at(-1) ?? sections[0];
    for (const [id, link] of links) {
      if (id === current?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", mark, { passive: true });
  addEventListener("resize", mark);
  mark();
}

/** Only what scrolls needs the keyboard: without a script all may, here most do not. */
function stopWhereItScrolls(): void {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!(target instanceof HTMLElement)) continue;
      if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const place of document.querySelectorAll(".scroll, .picture")) observer.observe(place);
}

/** Charts on the way may still become taller or lower when they are drawn, which moves the place that a link leads to. */
function holdTarget(): void {
  let target: HTMLElement | null = null;
  let arrived = false;
  const align = () => {
    if (arrived) target?.scrollIntoView({ behavior: "instant" });
  };
  // A reader who has moved on must not be brought back.
  for (const event of ["wheel", "touchstart", "keydown", "pointerdown"]) {
    addEventListener(event, () => {
      target = null;
    });
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a")) {
    link.addEventListener("click", () => {
      target = document.getElementById(link.hash.slice(1));
      arrived = false;
    });
  }
  addEventListener("scrollend", () => {
    if (!target || arrived) return;
    arrived = true;
    align();
    // By then everything near is drawn.
    setTimeout(() => {
      target = null;
    }, 1500);
  });
  new ResizeObserver(align).observe(document.body);
}
