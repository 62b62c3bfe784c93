/**
 * face_recognition of @vladmandic/face-api, layer by layer as its faceRecognitionNet runs it: dlib's residual net of 29 layers
 * (dlib_face_recognition_resnet_model_v1).
 */
import { convolution, picture, sumThenRelu, wholes } from './layers.ts';
import { newGraph, type Graph, type Tensor, type ValueName } from './onnx.ts';
import { toOihw, type Weights } from './weights.ts';

/** Name of the layer, and how many channels its shortcut lacks; undefined where the size stays. */
const LAYERS: readonly (readonly [name: string, missingChannels: number | undefined])[] = [
  ['conv32_1', undefined],
  ['conv32_2', undefined],
  ['conv32_3', undefined],
  ['conv64_down', 32],
  ['conv64_1', undefined],
  ['conv64_2', undefined],
  ['conv64_3', undefined],
  ['conv128_down', 64],
  ['conv128_1', undefined],
  ['conv128_2', undefined],
  ['conv256_down', 128],
  ['conv256_1', undefined],
  ['conv256_2', undefined],
  ['conv256_down_out', 0],
];

/** image uint8 [N, 150, 150, 3] → descriptor float32 [N, 128]; faces are compared by Euclidean distance. */
export function embeddingModel(weights: Weights): Buffer {
  const graph = newGraph('face_recognition');
  const conv = (input: ValueName, name: string, stride: number, pad: number): ValueName => {
    const [filters, bias] = scaled(weights, name);
    return convolution(graph, input, filters, bias, { strides: [stride, stride], pads: [pad, pad, pad, pad] });
  };
  const relu = (input: ValueName): ValueName => graph.node('Relu', [input]);

  const input = picture(graph, ['N', 150, 150], [122.782, 117.001, 104.298], 255);
  const first = relu(conv(input, 'conv32_down', 2, 0));
  let value = graph.node('MaxPool', [first], { kernel_shape: [3, 3], strides: [2, 2] });
  // 150 pixels became 72, then 35; the side of the picture decides where a shortcut and its branch differ by a pixel.
  let side = 35;
  for (const [name, missingChannels] of LAYERS) {
    if (missingChannels === undefined) {
      const branch = conv(relu(conv(value, `${name}/conv1`, 1, 1)), `${name}/conv2`, 1, 1);
      value = sumThenRelu(graph, branch, value);
    } else {
      const branch = conv(relu(conv(value, `${name}/conv1`, 2, 0)), `${name}/conv2`, 1, 1);
      const shortcut = graph.node('AveragePool', [value], { kernel_shape: [2, 2], strides: [2, 2] });
      const half = Math.floor(side / 2);
      const missingPixels = half - (Math.floor((side - 3) / 2) + 1);
      value = sumThenRelu(graph, grown(graph, shortcut, missingChannels, 0), grown(graph, branch, 0, missingPixels));
      side = half;
    }
  }
  const mean = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])]);
  graph.output(graph.node('MatMul', [mean, graph.constant(weights.get('fc'))], {}, 'descriptor'), ['N', 128]);
  return graph.bytes();
}

/** dlib's scale layer after a convolution, (w x + b) s + t, folded into filters and bias. */
function scaled(weights: Weights, name: string): [filters: Tensor, bias: Tensor] {
  const filters = toOihw(weights.get(`${name}/conv/filters`));
  const [bias, scale, shift] = ['conv/bias', 'scale/weights', 'scale/biases'].map(
    (part) => weights.get(`${name}/${part}`).data as Float32Array,
  ) as [Float32Array, Float32Array, Float32Array];
  const each = filters.data.length / scale.length;
  return [
    { dims: filters.dims, data: (filters.data as Float32Array).map((w, i) => w * scale[Math.floor(i / each)]!) },
    { dims: [bias.length], data: bias.map((b, o) => b * scale[o]! + shift[o]!) },
  ];
}

/** Adds channels of zeros behind, and pixels of zeros at the bottom and the right. */
function grown(graph: Graph, value: ValueName, channels: number, pixels: number): ValueName {
  if (channels === 0 && pixels === 0) return value;
  return graph.node('Pad', [value, wholes(graph, 0, 0, 0, 0, 0, channels, pixels, pixels)]);
}
