import type { Codec } from "../codec.js";
import type { ReportDocument } from "../types.js";
import { BlobWriter, readBlob } from "./blobs.js";

export const report: Codec<ReportDocument> = {
  version: 1,
  encode({ html }) {
    const blobs = new BlobWriter();
    blobs.bytes("html", html);
    return blobs.finish({});
  },
  decode(encoded) {
    const html = readBlob(encoded, "html");
    return {
      get html() {
        return html.load();
      },
    };
  },
};
