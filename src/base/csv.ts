/** A text as a field of a CSV file (RFC 4180). Empty texts are quoted, so that they are not taken for missing values. */
export function csvField(text: string): string {
  return text === "" || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
