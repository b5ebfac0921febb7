import type { Json } from "../base/json.js";
import type { Columns, Page, Sprite, VariantLook } from "./chart.js";

/** Collects what charts add to the page besides their sections. */
export class PageBuilder {
  readonly variants: readonly VariantLook[];
  readonly datasets: Record<string, Columns> = {};
  readonly sprites: Record<string, Sprite> = {};
  readonly decoders: Record<string, Json> = {};

  readonly ranking: readonly number[];

  constructor(variants: readonly VariantLook[], ranking: readonly number[]) {
    this.variants = variants;
    this.ranking = ranking;
  }

  /** The page as one chart sees it. */
  forChart(id: string): Page {
    return {
      id,
      variants: this.variants,
      ranking: this.ranking,
      dataset: (name, columns) => this.dataset(name, columns),
      sprite: (name, sprite) => this.sprite(name, sprite),
      decoder: (name, decoder) => this.decoder(name, decoder),
    };
  }

  dataset(name: string, columns: Columns): void {
    this.datasets[name] ??= columns;
  }

  sprite(name: string, sprite: Sprite): void {
    this.sprites[name] ??= sprite;
  }

  decoder(name: string, decoder: Json): void {
    this.decoders[name] ??= decoder;
  }
}
