import type { Json, JsonObject } from "../../base/json.js";
import type { Codec } from "../codec.js";
import type { Figures } from "../types.js";
import { BlobWriter, readBlob } from "./blobs.js";

interface Meta {
  readonly charts: readonly {
    readonly id: string;
    readonly kind: string;
    readonly options: JsonObject;
    readonly output?: string;
    readonly data: Json;
    readonly images: readonly string[];
  }[];
}

export const figures: Codec<Figures> = {
  version: 1,
  encode({ charts }) {
    const blobs = new BlobWriter();
    return blobs.finish({
      charts: charts.map(({ id, kind, options, output, data, images }, i) => {
        for (const [name, png] of Object.entries(images)) blobs.bytes(`${i}/${name}`, png);
        return { id, kind, options, ...(output !== undefined && { output }), data, images: Object.keys(images) };
      }),
    });
  },
  decode(encoded) {
    const meta = encoded.meta as unknown as Meta;
    const charts = meta.charts.map((chart, i) => {
      const images: Record<string, Uint8Array> = {};
      for (const name of chart.images) {
        const blob = readBlob(encoded, `${i}/${name}`);
        // A getter, so that images that are not used are not read.
        Object.defineProperty(images, name, { enumerable: true, get: () => blob.load() });
      }
      return { ...chart, images };
    });
    return { charts };
  },
};
