/** Part of the report's fingerprint. Raise it whenever the same input would render to other bytes. */
export const reportVersion = 7;
