/** The rendered page in a real browser, from a local file, with the network off. Skipped where there is no Chromium. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderReport } from "../../src/report/index.js";
import { makeClassifiers } from "../report/classifiers.js";
import { type Fixture, makeFixture, twoVariants } from "../report/fixture.js";

const MISCHIEF = "</script><img src=x onerror=alert(1)>";
const executablePath = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) console.log("no Chromium found (CHROMIUM_PATH names one): browser tests are skipped");

const args =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

describe.skipIf(executablePath === undefined)("the report in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "pipe-report-"));
  let browser: Browser;
  const files: Record<string, string> = {};

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: args.split(" ") });
    const write = async (name: string, { input, store }: Fixture) => {
      files[name] = join(folder, `${name}.html`);
      writeFileSync(files[name], await renderReport(input, store));
    };
    await write("two", await makeFixture());
    await write("classifiers", await makeClassifiers());
    const ends = [
      "first",
      "second",
      "third",
      "fourth",
      "fifth",
      "sixth",
      "seventh",
      "eighth",
      "ninth",
      "tenth",
      "eleventh",
    ];
    const many = [...ends, "twelfth", "last"].map((end, i) => ({
      name: `a variant with a name that takes much room, ${end}`,
      hidden: 8 + i,
      offset: i,
    }));
    await write("many", await makeFixture(many));
    const charts = [{ kind: "loss-curves", options: {}, named: true }];
    const rows = Array.from({ length: 24 }, (_, i) => ({ name: `width-${i + 1}`, hidden: 1 + i, offset: i, charts }));
    await write("rows", await makeFixture(rows));
    const mischief = { ...twoVariants[1]!, name: MISCHIEF, description: MISCHIEF };
    await write("mischief", await makeFixture([mischief], { question: MISCHIEF, description: MISCHIEF }));
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page and runs `visit`; whatever the console says or the policy refuses fails the test. */
  async function open(
    name: string,
    visit: (page: Page) => Promise<void>,
    options: { dark?: boolean; width?: number; script?: boolean } = {},
  ): Promise<void> {
    const context = await browser.newContext({
      offline: true,
      colorScheme: options.dark ? "dark" : "light",
      viewport: { width: options.width ?? 1280, height: 900 },
      javaScriptEnabled: options.script ?? true,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
    });
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    await page.goto(pathToFileURL(files[name] as string).href);
    await visit(page);
    await context.close();
    expect(complaints).toEqual([]);
  }

  /** Charts are drawn when they come near: goes down to every one of them. */
  async function drawAll(page: Page): Promise<void> {
    for (const figure of await page.locator("figure[data-chart]").all()) {
      if (!(await figure.isVisible())) continue;
      await figure.scrollIntoViewIfNeeded();
      await page.waitForFunction((each) => each?.classList.contains("has-live"), await figure.elementHandle());
    }
  }

  for (const [name, dark, width] of [
    ["two", false, 1280],
    ["two", true, 390],
    ["classifiers", true, 1280],
    ["classifiers", false, 390],
  ] as const) {
    it(`draws every chart of ${name}, ${dark ? "dark" : "light"}, ${width} pixels wide`, async () => {
      await open(
        name,
        async (page) => {
          await drawAll(page);
          const charts = await page.locator("figure[data-chart]:visible").count();
          expect(charts).toBeGreaterThan(7);
          expect(
            await page.locator("figure[data-chart] .live svg:visible, figure[data-chart] .live canvas:visible").count(),
          ).toBe(charts);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(overflow).toBeLessThanOrEqual(0);
        },
        { dark, width },
      );
    });
  }

  it("shows its first picture within 1.5 seconds", async () => {
    await open("two", async (page) => {
      const paint = await page.evaluate(
        () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.POSITIVE_INFINITY,
      );
      expect(paint).toBeLessThan(1500);
      expect(await page.locator("#loss-curves-loss .static svg, #loss-curves-loss .live svg").count()).toBeGreaterThan(
        0,
      );
    });
  });

  it("is whole without scripts", async () => {
    await open(
      "two",
      async (page) => {
        expect(await page.locator("figure[data-chart] .static svg:visible").count()).toBeGreaterThan(7);
        expect(await page.locator("#answer .lead").textContent()).toContain("is better than");
        expect(await page.locator(".noscript:visible").count()).toBe(1);
      },
      { script: false },
    );
  });

  it("shows mischief as text", async () => {
    await open("mischief", async (page) => {
      expect(await page.locator("h1").textContent()).toBe(MISCHIEF);
      expect(await page.locator("img[src=x]").count()).toBe(0);
      await drawAll(page);
    });
  });

  it("has no serious fault of accessibility, in light and dark", async () => {
    const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
    for (const dark of [false, true]) {
      for (const name of ["two", "classifiers"]) {
        await open(
          name,
          async (page) => {
            await drawAll(page);
            // The page allows no foreign script; the test brings its own world.
            const session = await page.context().newCDPSession(page);
            await session.send("Page.setBypassCSP", { enabled: true });
            await page.reload();
            await drawAll(page);
            await page.addScriptTag({ path: axe });
            const faults = await page.evaluate(async () => {
              const { axe } = window as unknown as {
                axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
              };
              const { violations } = await axe.run();
              return violations
                .filter(({ impact }) => impact === "serious" || impact === "critical")
                .map(
                  ({ id, nodes }) =>
                    `${id}: ${nodes
                      .slice(0, 3)
                      .map(({ html }) => html.slice(0, 160))
                      .join(" | ")}`,
                );
            });
            expect(faults).toEqual([]);
          },
          { dark },
        );
      }
    }
  });

  it("gives every drawing the room that it needs, and no more", async () => {
    for (const [name, width] of [
      ["many", 1280],
      ["many", 390],
      ["two", 390],
    ] as const) {
      await open(
        name,
        async (page) => {
          await drawAll(page);
          const sizes = await page.locator("figure[data-chart]:visible .picture").evaluateAll((pictures) =>
            pictures.map((picture) => ({
              id: picture.parentElement?.id,
              room: picture.clientWidth,
              taken: picture.scrollWidth,
              drawn: picture.querySelector(".live :is(svg, canvas)")?.clientWidth ?? 0,
              fixed: picture.parentElement?.classList.contains("fixed"),
            })),
          );
          for (const { id, room, taken, drawn, fixed } of sizes) {
            expect(taken, `${name} ${id}`).toBeLessThanOrEqual(room + 1);
            if (!fixed) expect(drawn, `${name} ${id}`).toBeGreaterThan(Math.min(900, room) - 20);
          }
        },
        { width },
      );
    }
  });

  it("says which colour is which variant wherever colours stand for variants", async () => {
    await open("many", async (page) => {
      for (const id of ["rate-distortion-plane", "cost-quality"]) {
        const text = await page.locator(`#${id} .static svg`).textContent();
        for (const end of ["first", "last"]) expect(text, id).toContain(end);
      }
    });
  });

  it("marks the section that is being read, and lands where a link leads", async () => {
    await open("two", async (page) => {
      const current = () => page.locator("nav a[aria-current]").allTextContents();
      expect(await current()).toEqual(["Answer"]);
      for (const name of ["Provenance", "Answer", "Cost", "Latent space", "Answer"]) {
        await page.locator("nav a", { hasText: name }).click();
        await expect.poll(current, { timeout: 5000 }).toEqual([name]);
        if (name === "Provenance") continue;
        const top = () =>
          page.evaluate(
            (text) =>
              [...document.querySelectorAll("main > section")]
                .find((section) => section.querySelector("h2")?.textContent === text)
                ?.getBoundingClientRect().top,
            name,
          );
        await expect.poll(async () => Math.round((await top()) ?? 0), { timeout: 5000 }).toBe(16);
      }
      await page.mouse.wheel(0, 1e6);
      await expect.poll(current).toEqual(["Provenance"]);
      await page.mouse.wheel(0, -1e6);
      await expect.poll(current).toEqual(["Answer"]);
    });
  });

  it("lights the same items in the other plane under a brush, and takes the light away", async () => {
    await open("two", async (page) => {
      await drawAll(page);
      const [mine, other] = ["#latent-scatter-0 .live canvas", "#latent-scatter-1 .live canvas"].map((each) =>
        page.locator(each),
      );
      await mine!.scrollIntoViewIfNeeded();
      const picture = () => other!.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      const before = await picture();
      const box = (await mine!.boundingBox())!;
      await page.mouse.move(box.x + 150, box.y + 120);
      await page.mouse.down();
      await page.mouse.move(box.x + 300, box.y + 260, { steps: 6 });
      await page.mouse.up();
      await expect.poll(picture).not.toBe(before);
      const lit = await picture();
      await page.mouse.click(box.x + 80, box.y + 380);
      await expect.poll(picture).toBe(before);

      // From the other plane too.
      await page.mouse.move(box.x + 150, box.y + 120);
      await page.mouse.down();
      await page.mouse.move(box.x + 300, box.y + 260, { steps: 6 });
      await page.mouse.up();
      await expect.poll(async () => (await picture()) === lit).toBe(true);
      const there = (await other!.boundingBox())!;
      await page.mouse.click(there.x + 80, there.y + 380);
      await expect.poll(async () => (await picture()) === before).toBe(true);
    });
  });

  it("shows the item and its reconstruction on hover", async () => {
    await open("two", async (page) => {
      await drawAll(page);
      const canvas = page.locator("#latent-scatter-0 .live canvas");
      await canvas.scrollIntoViewIfNeeded();
      const box = (await canvas.boundingBox())!;
      const tip = page.locator(".tip");
      for (let x = 80; x < 400 && !(await tip.isVisible().catch(() => false)); x += 3) {
        await page.mouse.move(box.x + x, box.y + 225);
      }
      expect(await tip.isVisible()).toBe(true);
      expect(await tip.textContent()).toContain("reconstruction");
      const inks = await tip.locator("canvas").evaluateAll((canvases) =>
        canvases.map((each) => {
          const { width, height } = each as HTMLCanvasElement;
          const data = (each as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height).data;
          return data.filter((value, i) => i % 4 === 0 && value > 128).length;
        }),
      );
      expect(inks).toHaveLength(2);
      for (const ink of inks) expect(ink).toBeGreaterThan(20);
    });
  });

  it("decodes any latent point live, by pointer and by keyboard", async () => {
    await open("two", async (page) => {
      const explorer = page.locator("figure.explorer");
      await explorer.scrollIntoViewIfNeeded();
      const answer = () =>
        explorer
          .locator(".answers canvas")
          .first()
          .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      const start = await answer();
      await explorer.locator("canvas.map").hover({ position: { x: 40, y: 60 } });
      const moved = await answer();
      expect(moved).not.toBe(start);
      await explorer.locator("input").first().focus();
      for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowRight");
      expect(await answer()).not.toBe(moved);
    });
  });

  it("sorts tables, switches scales, and shows specifications, all by keyboard", async () => {
    await open("two", async (page) => {
      const names = () => page.locator("#metrics-main tbody th").allTextContents();
      const before = await names();
      const sort = page.locator("#metrics-main thead button").filter({ hasText: "Parameters" });
      await sort.focus();
      await page.keyboard.press("Enter");
      expect(await names()).toEqual([...before].reverse());
      expect(await page.locator("#metrics-main thead th[aria-sort=ascending]").count()).toBe(1);

      const chart = page.locator("#loss-curves-loss");
      await chart.scrollIntoViewIfNeeded();
      await page.waitForFunction(() => document.getElementById("loss-curves-loss")?.classList.contains("has-live"));
      const toggle = chart.getByRole("button", { name: "Log scale" });
      await toggle.focus();
      await page.keyboard.press("Enter");
      expect(await toggle.getAttribute("aria-pressed")).toBe("true");
      await chart.getByRole("button", { name: /specification/ }).focus();
      await page.keyboard.press("Enter");
      expect(JSON.parse((await chart.locator("pre.spec").textContent()) ?? "")).toHaveProperty("layer");
      // Of the scale that is shown, also after another switch.
      const spec = chart.locator("pre.spec");
      expect(await spec.textContent()).toContain('"log"');
      await toggle.click();
      expect(await spec.textContent()).not.toContain('"log"');
    });
  });

  it("keeps folded rows folded and missing values last, however a table is sorted or filtered", async () => {
    await open("rows", async (page) => {
      const table = page.locator("#metrics-main");
      const shown = () => table.locator("tbody tr:visible th").allTextContents();
      expect(await shown()).toHaveLength(20);
      const sort = table.locator("thead button").filter({ hasText: "Parameters" });
      await sort.click();
      expect((await shown())[0]).toBe("width-1");
      await sort.click();
      expect((await shown())[0]).toBe("width-24");
      expect(await shown()).toHaveLength(20);
      await table.locator("input").fill("width-2");
      expect(await shown()).toEqual(["width-24", "width-23", "width-22", "width-21", "width-20", "width-2"]);
      await table.locator("input").fill("");
      expect(await shown()).toHaveLength(20);
      const all = table.locator("button.show-all");
      expect(await all.getAttribute("aria-expanded")).toBe("false");
      await all.click();
      expect(await shown()).toHaveLength(24);
      await all.click();
      await page.emulateMedia({ media: "print" });
      expect(await shown()).toHaveLength(24);
      expect(await all.isVisible()).toBe(false);
    });
  });

  it("saves pictures for light paper from a dark page", async () => {
    await open(
      "two",
      async (page) => {
        for (const id of ["loss-curves-loss", "architecture-0"]) {
          const figure = page.locator(`#${id}`);
          await figure.scrollIntoViewIfNeeded();
          const download = page.waitForEvent("download");
          await figure.getByRole("button", { name: "as SVG" }).click();
          const text = readFileSync(await (await download).path(), "utf8");
          expect(text, id).toMatch(/<rect [^>]*fill="#fff(fff)?"/);
          expect(text, id).toContain("#1a1d23");
          expect(text, id).not.toContain("#e8eaed");
        }
        for (const id of ["architecture-0", "decoder-grid-0"]) {
          const download = page.waitForEvent("download");
          await page.locator(`#${id}`).getByRole("button", { name: "as PNG" }).click();
          expect((await download).suggestedFilename()).toBe(`${id}.png`);
        }
      },
      { dark: true },
    );
  });

  it("saves charts as SVG, PNG and CSV, and copies tables", async () => {
    await open("two", async (page) => {
      const chart = page.locator("#loss-curves-loss");
      await chart.scrollIntoViewIfNeeded();
      for (const [label, ending] of [
        ["as SVG", "svg"],
        ["as PNG", "png"],
        ["as CSV", "csv"],
      ] as const) {
        const download = page.waitForEvent("download");
        await chart.getByRole("button", { name: label }).click();
        expect((await download).suggestedFilename()).toBe(`loss-curves-loss.${ending}`);
      }
      const copy = page.locator("#metrics-main").getByRole("button", { name: /LaTeX/ });
      await copy.click();
      await copy.click();
      await expect.poll(() => copy.textContent()).toBe("Copied");
      await expect.poll(() => copy.textContent(), { timeout: 3000 }).toBe("LaTeX");
    });
  });
});
