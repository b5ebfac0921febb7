/** A file that an export makes, as its bytes. */
export interface ExportedFile {
  /** Folders and file with `/` between, each a safe file name, unique in the export. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** A file that an export wrote itself, since it can be large. */
export interface WrittenFile {
  /** Below the folder that it was given, with `/` between. */
  readonly name: string;
  readonly bytes: number;
}
