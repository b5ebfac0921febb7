import { type Model, nodesOf } from "../../artifact/graph.js";
import type { History } from "../../artifact/types.js";
import type { Block, Cell } from "../block.js";
import { type ChartSource, defineChart } from "../chart.js";
import { bestFirst } from "../draw/foremost.js";
import { onOneAxis, parametersCell, withUnit } from "../draw/measured.js";
import { formatNumber } from "../format.js";
import { colorScale, shapeScale } from "../looks.js";
import { multiplyAdds } from "../math/cost.js";

type Cost = {
  readonly parameters: number;
  readonly multiplyAdds: number | null;
  readonly parts: readonly { readonly name: string; readonly parameters: number }[];
  readonly batchSize: number | null;
  readonly steps: number | null;
  readonly epochs: number | null;
  readonly loss: number | null;
};

/** Rows in sight. */
const FOLD = 20;

export default defineChart<"cost", Cost>({
  kind: "cost",
  group: "model",
  place: 2,
  about: "model",

  async collect({ artifacts }) {
    return costOf(artifacts);
  },

  recover({ artifacts }) {
    return costOf(artifacts);
  },

  draw(shown, _options, page) {
    const timed = shown.some(({ trainingMs }) => trainingMs !== null);
    const blocks: Block[] = [
      {
        type: "table",
        id: `${page.id}-table`,
        title: "What each variant costs",
        fold: FOLD,
        note: "Multiply-adds: of one item going through once, activations and pooling left out; training costs about three times that.",
        table: {
          columns: [
            { label: "Variant" },
            { label: "Parameters", better: "lower", format: "integer" },
            ...partNames(shown.map(({ data }) => data)).map((part) => ({ label: part, format: "integer" as const })),
            { label: "Multiply-adds an item", better: "lower", format: "integer" },
            { label: "Training steps", format: "integer" },
            { label: "Batch", format: "integer" },
            ...(timed
              ? [
                  { label: "Training time", unit: "s", better: "lower" as const },
                  { label: "Seconds per epoch", unit: "s", better: "lower" as const },
                ]
              : []),
          ],
          rows: bestFirst(shown, page, FOLD).map(({ variant, data, trainingMs, artifacts, trainings }) => [
            { value: variant.name, variant: variant.index },
            parametersCell(data.parameters, artifacts.model),
            ...partNames(shown.map((each) => each.data)).map(
              (part) => data.parts.find(({ name }) => name === part)?.parameters ?? null,
            ),
            data.multiplyAdds,
            ...stepsOf(data, trainings()),
            ...(timed ? timesOf(trainingMs, data.epochs) : []),
          ]),
        },
      },
    ];
    const { alike: measured, note } = onOneAxis(shown.filter(({ data }) => data.loss !== null && data.parameters > 0));
    if (new Set(measured.map(({ data }) => data.parameters)).size > 1) {
      page.dataset(page.id, {
        variant: measured.map(({ variant }) => variant.name),
        parameters: measured.map(({ data }) => data.parameters),
        loss: measured.map(({ data }) => data.loss),
      });
      const looks = measured.map(({ variant }) => variant);
      // A name beside each mark needs no looking up, but only short ones stay inside of the plot.
      const named = looks.length <= 12 && looks.every(({ name }) => name.length <= 20);
      const legend = named ? { legend: null } : {};
      const encoding = {
        x: {
          field: "parameters",
          type: "quantitative",
          title: "Parameters",
          // A model without parameters has no place on a logarithmic scale.
          scale: {
            type: measured.some(({ data }) => data.parameters === 0) ? "linear" : "log",
            nice: false,
            padding: 60,
          },
          axis: { format: "~s", grid: false },
        },
        y: {
          field: "loss",
          type: "quantitative",
          title: withUnit("Test loss", measured, "loss"),
          scale: { zero: false, padding: 20 },
        },
      };
      blocks.push({
        type: "chart",
        id: `${page.id}-quality`,
        title: "Test loss against parameters",
        alt: `One mark a variant. ${measured
          .slice(0, 8)
          .map(
            ({ variant, data }) =>
              `${variant.name}: ${formatNumber(data.parameters, "integer")} parameters, loss ${formatNumber(data.loss)}`,
          )
          .join("; ")}.`,
        spec: {
          data: { name: page.id },
          height: 220,
          layer: [
            {
              mark: { type: "point", size: 120, opacity: 1 },
              encoding: {
                ...encoding,
                color: { field: "variant", type: "nominal", title: null, scale: colorScale(looks), ...legend },
                shape: { field: "variant", type: "nominal", title: null, scale: shapeScale(looks), ...legend },
                tooltip: [
                  { field: "variant" },
                  { field: "parameters", type: "quantitative", format: "," },
                  { field: "loss", type: "quantitative", format: ",.3f" },
                ],
              },
            },
            ...(named
              ? [
                  {
                    mark: { type: "text", dx: 10, align: "left" },
                    encoding: { ...encoding, text: { field: "variant" } },
                  },
                ]
              : []),
          ],
        },
        table: {
          columns: [
            { label: "Variant" },
            { label: "Parameters", better: "lower", format: "integer" },
            { label: "Test loss", better: "lower" },
          ],
          rows: measured.map(({ variant, data }) => [
            { value: variant.name, variant: variant.index },
            data.parameters,
            data.loss,
          ]),
        },
      });
      blocks.push(...note);
    }
    return { id: page.id, title: "Cost", blocks };
  },
});

function costOf({ model, history, metrics }: ChartSource["artifacts"]) {
  if (!model) return { absent: "no model was built" };
  const data: Cost = {
    parameters: model.parameters,
    multiplyAdds: multiplyAdds(model),
    parts: partsOf(model),
    batchSize: history?.batchSize ?? null,
    epochs: history?.epochs ?? null,
    steps: history ? history.stepsPerEpoch * history.epochs : null,
    loss: metrics?.splits.test?.loss ?? null,
  };
  return { data };
}

/** Steps of all trainings of the model, and how many items each has; what was collected saw but one of them. */
function stepsOf({ steps, batchSize }: Cost, trainings: readonly History[]): readonly Cell[] {
  if (trainings.length === 0) return [steps, batchSize];
  const sizes = [...new Set(trainings.map((each) => each.batchSize))];
  const all = trainings.reduce((sum, each) => sum + each.stepsPerEpoch * each.epochs, 0);
  return [all, sizes.length === 1 ? (sizes[0] as number) : { value: null, text: sizes.join(", ") }];
}

/** Parameters of the model's parts, such as its encoder. */
function partsOf(model: Model): Cost["parts"] {
  return model.groups.flatMap((group) => {
    const parameters = nodesOf(model, group).reduce((sum, node) => sum + node.parameters, 0);
    return group.role === undefined ? [] : [{ name: group.role, parameters }];
  });
}

function timesOf(trainingMs: number | null, epochs: number | null): (number | null)[] {
  if (trainingMs === null) return [null, null];
  return [trainingMs / 1000, epochs ? trainingMs / 1000 / epochs : null];
}

/** In the order of the model. */
function place(part: string): number {
  return ["encoder", "latent", "decoder"].indexOf(part);
}

function partNames(costs: readonly Cost[]): string[] {
  const names = new Set(costs.flatMap((cost) => cost.parts.map(({ name }) => name)));
  return [...names].sort((a, b) => place(a) - place(b));
}
