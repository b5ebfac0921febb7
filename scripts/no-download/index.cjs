/**
 * ONNX Runtime's post-install fetches GPU libraries, which nothing here uses, unless this variable says "skip". npm has no
 * setting for it that all its versions take without a warning, so the one thing that the script calls before it
 * reads the variable, the start of its proxy library, is this (`overrides` in package.json).
 */
exports.bootstrap = () => {
  process.env.ONNXRUNTIME_NODE_INSTALL = "skip";
};
