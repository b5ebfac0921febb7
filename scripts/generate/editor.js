export function editorFiles() {
  return new Map();
}
