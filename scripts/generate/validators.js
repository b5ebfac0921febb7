export function validatorFiles() {
  return new Map();
}
