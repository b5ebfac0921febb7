/** The fields of a CSV file (RFC 4180), read letter by letter: independent of how ours is written. */
export function csvRows(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] as string;
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[i + 1] === '"') field += text[i++];
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "," || letter === "\n") {
      row.push(field);
      field = "";
      if (letter === "\n") {
        rows.push(row);
        row = [];
      }
    } else field += letter;
  }
  return rows;
}
