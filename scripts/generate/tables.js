export function tableFiles() {
  return new Map();
}
