/** Groups of columns that can be exported for every item of a split, by the names that `--columns` takes. */
export const ITEM_GROUPS = ["predictions", "latents", "reconstructions", "losses"] as const;
export type ItemGroup = (typeof ITEM_GROUPS)[number];
