import type { Activation } from "../../gen/shared.js";

interface Activated {
  readonly activation: Activation;
}

/** Facts of a layer whose activation is the last thing it computes. */
export function endsActivated<P extends Activated>() {
  return {
    endsWith: ({ activation }: P): Activation => activation,
    withoutEnd: (params: P): P => ({ ...params, activation: "linear" }),
  };
}
