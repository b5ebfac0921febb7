/** What can be told of every item of a split, by the name that `--columns` takes. */
export const ITEM_GROUPS = ["predictions", "latents", "reconstructions", "losses"] as const;
export type ItemGroup = (typeof ITEM_GROUPS)[number];
