/** What the models are, in the words of `models/manifest.json`, found again by their English words (`inChinese`). */
import { area } from './area.ts';

export const modelTitles = area({
  'title-plate-find': {
    en: 'Plate finder: four corners of every plate, drawn scenes only',
    zh: '号牌定位：每块号牌的四个角，只用绘制的画面训练',
  },
  'title-plate-detect': { en: 'PP-OCRv4 mobile text detection (DB)', zh: 'PP-OCRv4 移动版文字检测（DB）' },
  'title-plate-read': {
    en: 'PP-OCRv4 mobile text recognition (SVTR-LCNet, CTC), folded',
    zh: 'PP-OCRv4 移动版文字识别（SVTR-LCNet，CTC），已合并归一化层',
  },
  'title-plate-dictionary': { en: 'Characters of plate/read, one a line', zh: 'plate/read 的字表，每行一个字' },
  'title-face-detect': {
    en: 'BlazeFace by MediaPipe, 256 pixels: boxes and six points of faces',
    zh: 'MediaPipe 的 BlazeFace，256 像素：人脸框和六个特征点',
  },
  'title-face-landmarks': {
    en: 'face_landmark_68: 68 points of a face',
    zh: 'face_landmark_68：人脸的 68 个特征点',
  },
  'title-face-embed': {
    en: 'face_recognition (dlib ResNet-29): 128 numbers for one 1:1 comparison',
    zh: 'face_recognition（dlib ResNet-29）：128 个数，用于一次 1:1 比对',
  },
  'title-face-opencv-detect': {
    en: 'YuNet 2023mar (OpenCV Zoo): may stand in for face/detect',
    zh: 'YuNet 2023mar（OpenCV Zoo）：可代替 face/detect',
  },
  'title-face-opencv-embed': {
    en: 'SFace 2021dec (OpenCV Zoo): may stand in for face/embed',
    zh: 'SFace 2021dec（OpenCV Zoo）：可代替 face/embed',
  },
});
