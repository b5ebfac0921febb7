/** Vega calls this for the mark under the pointer; `value` is what its tooltip channel says, null when it is left. */
function showTip(
  chart: PageChart,
  event: MouseEvent,
  datum: Record<string, unknown> | undefined,
  value: unknown,
): void {
  const tip = tipElement();
  if (value === null || value === undefined || value === "") {
    tip.hidden = true;
    return;
  }
  tip.replaceChildren();
  if (typeof value === "object") {
    const list = element("dl");
    for (const [name, text] of Object.entries(value))
      list.append(element("dt", "", name), element("dd", "", String(text)));
    tip.append(list);
  } else tip.append(String(value));
  if (chart.hover && datum) tip.append(hoverPictures(chart.hover, datum));
  tip.hidden = false;
  placeTip(tip, event);
}

/** Beside the pointer, inside of the window. */
function placeTip(tip: HTMLElement, event: MouseEvent): void {
  const { width, height } = tip.getBoundingClientRect();
  const left = event.clientX + 16 + width > innerWidth ? event.clientX - 16 - width : event.clientX + 16;
  const top = Math.min(event.clientY + 12, innerHeight - height - 8);
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

function tipElement(): HTMLElement {
  let tip = document.querySelector<HTMLElement>(".tip");
  if (tip === null) {
    tip = element("div", "tip");
    tip.hidden = true;
    tip.setAttribute("role", "tooltip");
    document.body.append(tip);
  }
  return tip;
}

function hoverPictures(hover: ChartHover, datum: Record<string, unknown>): HTMLElement {
  const pictures = element("div", "pictures");
  const add = (label: string, canvas: HTMLCanvasElement) => {
    const place = element("div");
    place.append(element("span", "", label), canvas);
    pictures.append(place);
  };
  const index = Number(datum[hover.field]);
  for (const { label, sprite } of hover.images) add(label, tileCanvas(sprite, index, 3));
  const { decode } = hover;
  const decoder = decode && readDecoder(decode.decoder);
  if (decode && decoder) {
    const canvas = element("canvas", "pixels");
    paintDecoded(canvas, decoder, [Number(datum[decode.x]), Number(datum[decode.y])]);
    canvas.style.width = `${decoder.width * 3}px`;
    canvas.style.height = `${decoder.height * 3}px`;
    add(decode.label, canvas);
  }
  return pictures;
}
