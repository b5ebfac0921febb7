export function docsFiles() {
  return new Map();
}
