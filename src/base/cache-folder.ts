import { homedir } from "node:os";
import { join } from "node:path";

/** The folder of this program in the user's cache. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  return join(userCache(process.platform, XDG_CACHE_HOME, LOCALAPPDATA), "pipe-experiments");
}

function userCache(platform: string, xdg = "", local = ""): string {
  if (xdg !== "") return xdg;
  if (platform === "darwin") return join(homedir(), "Library", "Caches");
  return platform === "win32" && local !== "" ? local : join(homedir(), ".cache");
}
