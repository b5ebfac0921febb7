/** IDX files of any size, raw or gzip, piece by piece. */
import { createGunzip, type Gunzip } from "node:zlib";
import { err, type Result } from "../base/result.js";
import {
  checkSize,
  type IdxHeader,
  type IdxProblem,
  isGzip,
  MOST_BYTES,
  readHeader,
  toLittleEndian,
  tooLarge,
  tooLong,
  unpackable,
} from "./idx.js";

export interface IdxStreamOptions {
  /** How many of the first items are wanted. Default: all. */
  readonly items?: number;
  /** How many of them a chunk has, by the bytes of one. */
  readonly itemsPerChunk: (itemBytes: number) => number;
  /** Given whole items, little-endian; the bytes are the receiver's. */
  readonly chunk: (bytes: Uint8Array, items: number, header: IdxHeader) => void;
}

/** Takes a file in pieces and gives its items in chunks. No more than a chunk of it is in memory. */
export class IdxStream {
  readonly #options: IdxStreamOptions;
  #unpacker: Unpacker | null = null;
  #packedBytes = 0;
  #begun = false;
  /** The first byte, where it came alone. */
  #start: Uint8Array = new Uint8Array();
  #problem: IdxProblem | null = null;
  /** The beginning, until the header is whole. */
  #head = new Uint8Array();
  #header: IdxHeader | null = null;
  /** Unpacked bytes so far. */
  #total = 0;
  #chunk = new Uint8Array();
  #filled = 0;
  #items = 0;

  constructor(options: IdxStreamOptions) {
    this.#options = options;
  }

  async push(piece: Uint8Array): Promise<void> {
    if (this.#problem !== null) return;
    if (!this.#begun) {
      piece = Buffer.concat([this.#start, piece]);
      this.#start = piece;
      // The magic number of gzip has two.
      if (piece.length < 2) return;
      this.#begin();
    }
    if (this.#unpacker === null) return this.#take(piece);
    this.#packedBytes += piece.length;
    await this.#unpacker.write(piece);
    // A small file may unpack to more than any disk holds.
    if (this.#problem !== null) this.#unpacker.stop();
  }

  /** After the last piece: what the file is, if it is whole. */
  async end(): Promise<Result<IdxHeader, IdxProblem>> {
    if (!this.#begun) return readHeader(this.#start);
    const broken = this.#problem === null ? await this.#unpacker?.end() : null;
    if (broken) return err(unpackable(`gzip data of ${this.#packedBytes} bytes`, broken));
    if (this.#problem !== null) return err(this.#problem);
    if (this.#header === null) return readHeader(this.#head);
    const header = checkSize(this.#header, this.#total);
    return header.ok && Math.min(header.value.itemBytes, header.value.bytes) > MOST_BYTES
      ? err(tooLarge(header.value))
      : header;
  }

  #begin(): void {
    this.#begun = true;
    if (isGzip(this.#start)) this.#unpacker = new Unpacker((bytes) => this.#take(bytes));
    this.#start = new Uint8Array();
  }

  #take(bytes: Uint8Array): void {
    if (this.#problem !== null) return;
    this.#total += bytes.length;
    if (this.#header === null) {
      this.#takeHead(bytes);
      return;
    }
    if (this.#unpacker !== null && this.#total > this.#header.bytes)
      this.#problem = tooLong("more bytes", this.#header);
    this.#fill(bytes, this.#header);
  }

  #takeHead(bytes: Uint8Array): void {
    this.#head = Buffer.concat([this.#head, bytes]);
    const header = readHeader(this.#head);
    if (!header.ok) {
      // What is missing may come with the next piece.
      if (header.error.code !== "idx-truncated" && this.#head.length >= 4) this.#problem = header.error;
      return;
    }
    this.#header = header.value;
    this.#startChunk(header.value);
    const rest = this.#head.subarray(header.value.headerBytes);
    this.#head = new Uint8Array();
    this.#fill(rest, header.value);
  }

  #startChunk({ shape: [all = 0], itemBytes }: IdxHeader): void {
    const left = itemBytes > MOST_BYTES ? 0 : Math.min(all, this.#options.items ?? all) - this.#items;
    this.#chunk = new Uint8Array(Math.max(0, Math.min(left, this.#options.itemsPerChunk(itemBytes))) * itemBytes);
    this.#filled = 0;
  }

  #fill(bytes: Uint8Array, header: IdxHeader): void {
    for (let at = 0; at < bytes.length && this.#chunk.length > 0; ) {
      const some = bytes.subarray(at, at + this.#chunk.length - this.#filled);
      this.#chunk.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
      if (this.#filled < this.#chunk.length) return;
      const items = this.#chunk.length / header.itemBytes;
      toLittleEndian(header.dtype, this.#chunk);
      this.#options.chunk(this.#chunk, items, header);
      this.#items += items;
      this.#startChunk(header);
    }
  }
}

/** A gzip stream that gives what it unpacked before it takes more. */
class Unpacker {
  readonly #stream: Gunzip = createGunzip({ chunkSize: 2 ** 18 });
  readonly #closed: Promise<void>;
  #broken: string | null = null;

  constructor(use: (bytes: Uint8Array) => void) {
    this.#stream.on("data", use);
    this.#stream.on("error", (error) => {
      this.#broken = error.message;
    });
    this.#closed = new Promise((done) => this.#stream.once("close", done));
  }

  async write(piece: Uint8Array): Promise<void> {
    // What breaks a stream may leave a write unanswered.
    await Promise.race([this.#closed, new Promise<void>((done) => this.#stream.write(piece, () => done()))]);
  }

  stop(): void {
    this.#stream.destroy();
  }

  /** What is wrong with the whole, or null. */
  async end(): Promise<string | null> {
    this.#stream.end();
    await this.#closed;
    return this.#broken;
  }
}
