/**
 * A decoder of dense layers. Weights are 16-bit whole numbers between a tensor's smallest and largest value: a
 * picture made from them differs from the model's by less than one grey level.
 */
interface PackedDecoder {
  readonly width: number;
  readonly height: number;
  /** Values of a pixel: grey, or red, green and blue. */
  readonly channels: number;
  readonly low: number;
  readonly high: number;
  readonly layers: readonly {
    readonly inputs: number;
    readonly outputs: number;
    readonly activation: string;
    readonly kernel: PackedTensor;
    readonly bias: PackedTensor | null;
  }[];
}
interface PackedTensor {
  readonly min: number;
  readonly max: number;
  /** Little-endian, base64. */
  readonly data: string;
}
interface Decoder {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly low: number;
  readonly high: number;
  decode(z: readonly number[]): Float32Array;
}

const decoders = new Map<string, Decoder>();

function readDecoder(name: string): Decoder | undefined {
  const known = decoders.get(name);
  const packed = pageData().decoders[name];
  if (known || !packed) return known;
  const layers = packed.layers.map((layer) => ({
    ...layer,
    kernel: unpackTensor(layer.kernel),
    bias: layer.bias === null ? null : unpackTensor(layer.bias),
  }));
  const { width, height, channels, low, high } = packed;
  const decoder: Decoder = {
    width,
    height,
    channels,
    low,
    high,
    decode(z) {
      let values = Float32Array.from(z);
      for (const { inputs, outputs, activation, kernel, bias } of layers) {
        const next = bias === null ? new Float32Array(outputs) : bias.slice();
        for (let i = 0; i < inputs; i++) {
          const value = values[i] as number;
          if (value === 0) continue;
          for (let o = 0; o < outputs; o++) next[o]! += value * (kernel[i * outputs + o] as number);
        }
        values = activate(next, activation);
      }
      return values;
    },
  };
  decoders.set(name, decoder);
  return decoder;
}

function unpackTensor({ min, max, data }: PackedTensor): Float32Array<ArrayBuffer> {
  const text = atob(data);
  const out = new Float32Array(text.length / 2);
  const step = (max - min) / 65535;
  for (let i = 0; i < out.length; i++) {
    out[i] = min + step * (text.charCodeAt(2 * i) + 256 * text.charCodeAt(2 * i + 1));
  }
  return out;
}

function activate(values: Float32Array<ArrayBuffer>, name: string): Float32Array<ArrayBuffer> {
  switch (name) {
    case "relu":
      return values.map((v) => Math.max(0, v));
    case "sigmoid":
      return values.map((v) => 1 / (1 + Math.exp(-v)));
    case "tanh":
      return values.map(Math.tanh);
    case "elu":
      return values.map((v) => (v > 0 ? v : Math.expm1(v)));
    case "softplus":
      return values.map((v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))));
    default:
      return values;
  }
}

/** Draws the decoder's answer to one latent point, pixel by pixel. */
function paintDecoded(canvas: HTMLCanvasElement, decoder: Decoder, z: readonly number[]): void {
  const { width, height, channels, low, high } = decoder;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const image = context.createImageData(width, height);
  const bytes = decoder.decode(z).map((value) => Math.round((255 * (value - low)) / (high - low || 1)));
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = bytes[i * channels + (c % channels)] as number;
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
