/**
 * ONNX Runtime from 1.29 on reports its use to its makers unless this variable stands before the library is loaded. The version
 * that is installed has nothing to report with; the variable is for another version that a project installs.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
