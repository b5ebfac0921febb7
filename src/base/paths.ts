import { isAbsolute, relative, sep } from "node:path";

/** The way from a folder down to a path (`"."` for the folder itself), in the system's form; null where it leads elsewhere. */
export function pathBelow(folder: string, path: string): string | null {
  const way = relative(folder, path);
  if (way === "") return ".";
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : way;
}

/** Leaves a folder's path out of a text: `/home/ada/digits/vae.yaml` → `vae.yaml`. Another folder whose name only begins alike stays. */
export function withoutFolder(
  text: string,
  folder: string,
  by: { readonly itself: string; readonly below: string },
): string {
  // The root of a disk is no secret, and is part of every path.
  if (/^([a-z]:)?[\\/]*$/i.test(folder)) return text;
  const literal = folder.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text
    .replace(new RegExp(`${literal}[\\\\/]`, "g"), () => by.below)
    .replace(new RegExp(`${literal}(?![\\w.-])`, "g"), () => by.itself);
}
