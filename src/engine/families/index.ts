import type { ModelFamily } from "../../artifact/parts.js";
import type { Family } from "../family.js";
import { autoencoder } from "./autoencoder.js";
import { sequential } from "./sequential.js";
import { variationalAutoencoder } from "./variational-autoencoder.js";

export const families: Readonly<Record<ModelFamily, Family>> = {
  sequential,
  autoencoder,
  "variational-autoencoder": variationalAutoencoder,
};
