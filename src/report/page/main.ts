/** Where everything starts: after the document is read, whatever the order of the files. */
document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("js");
  addMenus();
  equipTables();
  startExplorers();
  watchCharts();
  markSection();
});

/** Marks the section in view in the navigation. */
function markSection(): void {
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>("nav a")].map((link) => [link.hash.slice(1), link] as const),
  );
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const section of document.querySelectorAll("main > section")) observer.observe(section);
}
