/**
 * YAML that readers of version 1.1 (PyYAML, Ruby, Go's older ones) and of 1.2 understand alike. In 1.1 `no` and `on` are
 * truth values, `12:30` and `0777` are numbers in base 60 and 8, `2024-01-01` is a date, `1_000` a number, `=` and `<<`
 * have a meaning, and `1e-7` is a text, since a number with an exponent has a point there.
 * https://yaml.org/type/
 */
import { Document, type Node, Pair, Scalar, type ScalarTag, type Tags, YAMLMap, YAMLSeq } from "yaml";
import type { Json } from "../base/json.js";

/** A map keeps the order of its keys; an object would put `2` before `load`. */
export type Data = Json | ReadonlyMap<string, Data>;

/** @returns block style, a line a scalar; every text that is not plain beyond doubt stands in quotes. */
export function portableYaml(data: Data): string {
  const document = new Document(undefined, { customTags: (tags) => [...tags.filter(isOther), text, number] });
  document.contents = nodeOf(data);
  return document.toString({ lineWidth: 0 });
}

/** Neither for texts nor for numbers. */
function isOther(tag: Tags[number]): boolean {
  return typeof tag === "string" || !(tag.identify?.("") || tag.identify?.(1));
}

const text: ScalarTag = {
  identify: (value) => typeof value === "string",
  default: true,
  tag: "tag:yaml.org,2002:str",
  resolve: (source) => source,
  stringify: ({ value }) => (isPlain(value as string) ? (value as string) : quoted(value as string)),
};

const number: ScalarTag = {
  identify: (value) => typeof value === "number",
  default: true,
  tag: "tag:yaml.org,2002:float",
  resolve: Number,
  stringify: ({ value }) => (Object.is(value, -0) ? "-0.0" : String(value).replace(/^(-?\d+)e/, "$1.0e")),
};

function nodeOf(data: Data): Node {
  if (data === null || typeof data !== "object") return new Scalar(data);
  if (Array.isArray(data)) {
    const list = new YAMLSeq();
    list.items = data.map(nodeOf);
    return list;
  }
  const map = new YAMLMap();
  const entries = data instanceof Map ? data : Object.entries(data);
  map.items = [...entries].map(([key, value]) => new Pair(new Scalar(key), nodeOf(value)));
  return map;
}

/** Begins with a letter and holds no sign that YAML gives a meaning to. */
const plain = /^\p{L}[\p{L}\p{N}_./+()?!;,'% -]*(?<! )$/u;
const words = /^(y|n|yes|no|true|false|on|off|null|nan|inf|e\d+)$/i;

function isPlain(value: string): boolean {
  return plain.test(value) && !words.test(value);
}

/** JSON's escapes are YAML's; what readers of YAML refuse to see bare is escaped besides. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
