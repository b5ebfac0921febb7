/** The configuration of an explorer, as charts/latent-explorer.ts writes it. */
interface ExplorerConfig {
  /** First and last coordinate of both axes. */
  readonly range: readonly [number, number];
  readonly variants: readonly {
    readonly name: string;
    readonly index: number;
    readonly decoder: string;
    /** Points of the plane in the background: x, y, colour, in turn. */
    readonly points: { readonly x: readonly number[]; readonly y: readonly number[]; readonly c: readonly number[] };
  }[];
  readonly colors: readonly string[];
}

const MAP_SIZE = 320;

function startExplorers(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-explorer]")) {
    const config = JSON.parse(figure.querySelector("script")?.textContent ?? "null") as ExplorerConfig | null;
    if (config?.variants.every(({ decoder }) => readDecoder(decoder))) buildExplorer(figure, config);
  }
}

/** A plane to move over with the pointer, two sliders for the keyboard, and a picture a variant. */
function buildExplorer(figure: HTMLElement, config: ExplorerConfig): void {
  const [low, high] = config.range;
  let z: [number, number] = [(low + high) / 2, (low + high) / 2];
  let shown = 0;
  const map = element("canvas", "map");
  map.width = map.height = MAP_SIZE * 2;
  map.style.width = `${MAP_SIZE}px`;
  map.style.aspectRatio = "1";
  map.setAttribute("role", "img");
  map.setAttribute("aria-label", "Latent plane; the sliders below choose the same point");

  const answers = config.variants.map(({ name, index, decoder }) => {
    const place = element("figure");
    const caption = element("figcaption");
    caption.append(element("span", `swatch v${index}`), name);
    const canvas = element("canvas", "pixels");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `What the decoder of ${name} draws at the chosen point`);
    place.append(caption, canvas);
    return { place, canvas, decoder: readDecoder(decoder) as Decoder };
  });

  const update = (next: readonly [number, number]) => {
    z = [clamp(next[0], low, high), clamp(next[1], low, high)];
    for (const { canvas, decoder } of answers) paintDecoded(canvas, decoder, z);
    for (const [d, { input, output }] of sliders.entries()) {
      input.value = String(z[d]);
      output.value = (z[d] as number).toFixed(2);
    }
    paintMap(map, config, shown, z);
  };
  const sliders = [0, 1].map((d) =>
    slider(`z${d + 1}`, low, high, (value) => update(d === 0 ? [value, z[1]] : [z[0], value])),
  );

  map.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" || event.buttons > 0) update(pointOf(event, map, low, high));
  });
  map.addEventListener("pointerdown", (event) => update(pointOf(event, map, low, high)));

  const row = element("div", "answers");
  row.append(...answers.map(({ place }) => place));
  const controls = element("div");
  controls.append(map, ...sliders.map(({ label }) => label));
  if (config.variants.length > 1)
    controls.append(
      chooser(config, (i) => {
        shown = i;
        update(z);
      }),
    );
  const plane = element("div", "plane");
  plane.append(controls, row);
  figure.append(plane);
  update(z);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => update(z));
}

/** Whose points are in the background. */
function chooser(config: ExplorerConfig, choose: (i: number) => void): HTMLElement {
  const row = element("div", "filter");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Points in the plane are of");
  const buttons = config.variants.map(({ name }, i) =>
    button(name, () => {
      for (const [k, each] of buttons.entries()) each.setAttribute("aria-pressed", String(k === i));
      choose(i);
    }),
  );
  for (const [k, each] of buttons.entries()) each.setAttribute("aria-pressed", String(k === 0));
  row.append(...buttons);
  return row;
}

function slider(name: string, low: number, high: number, onInput: (value: number) => void) {
  const label = element("label");
  const input = element("input");
  const output = element("output");
  input.type = "range";
  input.min = String(low);
  input.max = String(high);
  input.step = String((high - low) / 200);
  input.addEventListener("input", () => onInput(Number(input.value)));
  label.append(element("span", "", name), input, output);
  return { label, input, output };
}

function pointOf(event: PointerEvent, map: HTMLCanvasElement, low: number, high: number): [number, number] {
  const box = map.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width;
  const y = (event.clientY - box.top) / box.height;
  return [low + x * (high - low), high - y * (high - low)];
}

function paintMap(map: HTMLCanvasElement, config: ExplorerConfig, shown: number, z: readonly [number, number]): void {
  const context = map.getContext("2d");
  const points = config.variants[shown]?.points;
  if (!context || !points) return;
  const [low, high] = config.range;
  const size = map.width;
  const place = (value: number) => ((value - low) / (high - low)) * size;
  context.clearRect(0, 0, size, size);
  context.globalAlpha = 0.55;
  points.x.forEach((x, i) => {
    context.fillStyle = config.colors[points.c[i] as number] ?? "#888";
    context.fillRect(place(x) - 3, size - place(points.y[i] as number) - 3, 6, 6);
  });
  context.globalAlpha = 1;
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue("--muted");
  context.font = "24px system-ui, sans-serif";
  context.textAlign = "right";
  context.fillText("z1 →", size - 10, size - 12);
  context.textAlign = "left";
  context.fillText("↑ z2", 10, 30);
  context.strokeStyle = style.getPropertyValue("--ink");
  context.lineWidth = 3;
  context.beginPath();
  context.arc(place(z[0]), size - place(z[1]), 12, 0, 2 * Math.PI);
  context.stroke();
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
