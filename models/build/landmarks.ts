/**
 * face_landmark_68 of @vladmandic/face-api, layer by layer as its faceFeatureExtractor and faceLandmarkNet run it: the package brings
 * the weights, but the graph only as program text.
 */
import { convolution, picture, SAME, sumThenRelu } from './layers.ts';
import { newGraph, type ValueName } from './onnx.ts';
import { toDepthwise, toOihw, type Weights } from './weights.ts';

/** image uint8 [N, 112, 112, 3] → landmarks float32 [N, 136]: x and y in turn of 68 points, as parts of the picture's side. */
export function landmarksModel(weights: Weights): Buffer {
  const graph = newGraph('face_landmark_68');

  const separable = (input: ValueName, name: string, stride: number): ValueName => {
    const depthwise = toDepthwise(weights.get(`${name}/depthwise_filter`));
    const group = depthwise.dims[0]!;
    const spread = convolution(graph, input, depthwise, undefined, { strides: [stride, stride], group, ...SAME });
    return convolution(graph, spread, toOihw(weights.get(`${name}/pointwise_filter`)), weights.get(`${name}/bias`));
  };
  const firstLayer = (input: ValueName): ValueName => {
    const filters = toOihw(weights.get('dense0/conv0/filters'));
    return convolution(graph, input, filters, weights.get('dense0/conv0/bias'), { strides: [2, 2], ...SAME });
  };
  const denseBlock = (input: ValueName, name: string): ValueName => {
    const first = name === 'dense0' ? firstLayer(input) : separable(input, `${name}/conv0`, 2);
    const one = graph.node('Relu', [first]);
    const two = separable(one, `${name}/conv1`, 1);
    const three = separable(sumThenRelu(graph, one, two), `${name}/conv2`, 1);
    const four = separable(sumThenRelu(graph, one, two, three), `${name}/conv3`, 1);
    return sumThenRelu(graph, one, two, three, four);
  };

  const input = picture(graph, ['N', 112, 112], [122.782, 117.001, 104.298], 255);
  const features = ['dense0', 'dense1', 'dense2', 'dense3'].reduce(denseBlock, input);
  const pooled = graph.node('AveragePool', [features], { kernel_shape: [7, 7], strides: [2, 2] });
  const flat = graph.node('Flatten', [pooled]);
  const [matrix, bias] = ['fc/weights', 'fc/bias'].map((name) => graph.constant(weights.get(name))) as [
    ValueName,
    ValueName,
  ];
  graph.output(graph.node('Gemm', [flat, matrix, bias], {}, 'landmarks'), ['N', 136]);
  return graph.bytes();
}
