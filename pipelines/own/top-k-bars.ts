import { defineChart } from "pipe-experiments";

/** How often the class was among the likeliest, a bar a variant and split. */
export default defineChart({
  title: "Top-k accuracy",
  collect({ artifacts: { metrics } }) {
    const values = Object.entries(metrics?.splits ?? {}).flatMap(([split, { topK }]) =>
      topK === undefined ? [] : [{ split, topK }],
    );
    return values.length === 0 ? { absent: "topK was not measured" } : { data: values };
  },
  draw(shown, _options, page) {
    const rows = shown.flatMap(({ variant, data }) => data.map((row) => ({ variant: variant.name, ...row })));
    page.dataset(page.id, {
      variant: rows.map(({ variant }) => variant),
      split: rows.map(({ split }) => split),
      topK: rows.map(({ topK }) => topK),
    });
    return {
      blocks: [
        {
          type: "chart",
          title: "Top-k accuracy by split",
          alt: `Bars of top-k accuracy: ${rows.map(({ variant, split, topK }) => `${variant} ${split} ${topK}`).join(", ")}.`,
          spec: {
            data: { name: page.id },
            mark: "bar",
            encoding: {
              x: { field: "topK", type: "quantitative", title: "Top-k accuracy", scale: { domain: [0, 1] } },
              y: { field: "variant", type: "nominal", title: null },
              yOffset: { field: "split", type: "nominal" },
              color: { field: "split", type: "nominal", title: null },
            },
          },
        },
      ],
    };
  },
});
