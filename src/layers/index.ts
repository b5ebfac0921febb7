/** What is known of layers without building them: the facts of their files, with the checks that all of them share. */
import { lacksChannels } from "../base/channels.js";
import type { JsonPath } from "../base/json.js";
import { shownKind } from "../base/own-kind.js";
import { err, type Result } from "../base/result.js";
import type { LayerKind } from "../gen/layers.js";
import { layerModules } from "../gen/registry-layers.js";
import type { AnyLayer, Shape, Unfit } from "../layer.js";
import { show, sizeOf } from "./shared/sizes.js";

export { show, sizeOf } from "./shared/sizes.js";

/** A layer that does not fit its inputs. */
export interface Misfit {
  readonly code: "shape-mismatch" | "wrong-value";
  readonly message: string;
  /** The path into the layer's parameters to the wrong value. */
  readonly path: JsonPath;
  /** The number of the input that does not fit, where there are several. */
  readonly input?: number;
  readonly received: string;
  readonly expected: string;
  readonly fix: string;
}

/** Layers of a project's own, by names that hold the digests of their code: what a name means never changes. */
const adopted = new Map<string, AnyLayer>();

export function adoptLayer(name: string, layer: AnyLayer): void {
  adopted.set(name, layer);
}

/** The definition in the file of this kind. */
export function layerFacts(kind: string): AnyLayer {
  return adopted.get(kind) ?? layerModules[kind as LayerKind];
}

/** Elements of one item beyond which no machine that this runs on can train. */
const LARGEST = 2 ** 28;

/**
 * The shape of a layer's output, from those of its inputs. Shapes leave out the batch.
 *
 * @param params complete and valid by the layer's schema.
 * @param isPicture whether an input of two dimensions is a picture, which has one channel.
 * @returns the output's shape, or what does not fit.
 */
export function layerShape(
  kind: string,
  params: unknown,
  inputs: readonly Shape[],
  isPicture = false,
): Result<Shape, Misfit> {
  const facts = layerFacts(kind);
  const given = inputs.map((input) => (lacksChannels(facts, input, isPicture) ? [...input, 1] : input));
  const shape = checkedShape(facts, params, given);
  return shape.ok ? shape : err(misfitOf(kind, shape.error));
}

function checkedShape(facts: AnyLayer, params: unknown, inputs: readonly Shape[]): Result<Shape, Unfit> {
  const { rank, inputs: [least, most] = [1, 1] } = facts;
  if (inputs.length < least || inputs.length > most) return err(wrongCount(least, most, inputs.length));
  const odd = rank === undefined ? -1 : inputs.findIndex((input) => input.length !== rank + 1);
  if (odd >= 0) return err(wrongRank(rank as number, inputs[odd] as Shape));
  const shape = facts.shape(params, inputs);
  if (!shape.ok || sizeOf(shape.value) <= LARGEST) return shape;
  return err({
    says: "gives too many elements",
    received: `shape ${show(shape.value)}`,
    expected: `at most ${LARGEST} elements an item`,
    fix: "Make the layer smaller.",
  });
}

function misfitOf(kind: string, { code, says, path, ...rest }: Unfit): Misfit {
  const message = `the layer \`${shownKind(kind)}\` ${says ?? "does not fit its input"}`;
  return { code: code ?? "shape-mismatch", message, path: path ?? [], ...rest };
}

function wrongCount(least: number, most: number, count: number): Unfit {
  const several = (n: number) => `${n} input${n === 1 ? "" : "s"}`;
  const expected =
    most === Infinity ? `${several(least)} or more` : least === most ? several(most) : `${least} to ${several(most)}`;
  return {
    says: count < least ? "has too few inputs" : "has too many inputs",
    received: several(count),
    expected,
    fix: `Let \`from\` name ${expected}.`,
  };
}

const DIMENSIONS = ["steps", "height, width", "depth, height, width"];

function wrongRank(rank: number, input: Shape): Unfit {
  const missing = input.length === rank;
  return {
    received: `input ${show(input)}`,
    expected: `an input [${DIMENSIONS[rank - 1]}, channels]`,
    fix: missing
      ? `Put { reshape: { targetShape: ${show([...input, 1])} } } before it.`
      : `Put a layer before it that makes ${rank + 1} dimensions, such as reshape.`,
  };
}
