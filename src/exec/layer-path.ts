import { isObject, type JsonObject, type JsonPath } from "../base/json.js";

/**
 * Where the parameters of a stage `build` describe the layer of that name. What the engine has put beside a layer is named
 * after it: `encoder/conv2d/channels`. Null for a name that no layer has.
 */
export function layerPath({ nodes }: JsonObject, name: string): JsonPath | null {
  if (!isObject(nodes)) return null;
  for (let end = name.length; end > 0; end = name.lastIndexOf("/", end - 1)) {
    if (Object.hasOwn(nodes, name.slice(0, end))) return ["nodes", name.slice(0, end)];
  }
  return null;
}
