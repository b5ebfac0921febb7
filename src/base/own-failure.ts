/** A project's own code gave something that it may not give: its author's mistake, not ours. */
export class OwnCodeError extends Error {}
