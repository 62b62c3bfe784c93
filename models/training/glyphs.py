"""Characters out of Debian's fonts: single ones for plates, lines of text for everything that is no plate."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dice import Dice

PROVINCES = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼'
DIGITS = '0123456789'
LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ'
SPECIAL = '警学挂港澳领使'

FONTS = Path('/usr/share/fonts')
# Path below FONTS and the number of the simplified Chinese face inside the collection.
CHINESE = [
    ('opentype/noto/NotoSansCJK-Regular.ttc', 2),
    ('opentype/noto/NotoSansCJK-Medium.ttc', 2),
    ('opentype/noto/NotoSansCJK-Bold.ttc', 2),
    ('truetype/wqy/wqy-zenhei.ttc', 0),
    ('truetype/wqy/wqy-microhei.ttc', 0),
    ('truetype/droid/DroidSansFallbackFull.ttf', 0),
]
LATIN = [
    'truetype/opendin/OSP-DIN.ttf',
    'truetype/routed-gothic/routed-gothic-narrow.ttf',
    'truetype/routed-gothic/routed-gothic.ttf',
    'truetype/liberation/LiberationSansNarrow-Regular.ttf',
    'truetype/liberation/LiberationSansNarrow-Bold.ttf',
    'truetype/roboto/unhinted/RobotoCondensed-Regular.ttf',
    'truetype/roboto/unhinted/RobotoCondensed-Medium.ttf',
    'truetype/dejavu/DejaVuSansCondensed-Bold.ttf',
    'opentype/b612/B612-Regular.otf',
]
PACKAGES = (
    'fonts-noto-cjk fonts-noto-cjk-extra fonts-wqy-zenhei fonts-wqy-microhei fonts-droid-fallback fonts-opendin '
    'fonts-routed-gothic fonts-liberation fonts-roboto-unhinted fonts-dejavu fonts-b612'
)

# Height of the masters: the largest a plate's character gets is 110 mm at half a pixel a millimetre.
MASTER = (40, 80)
LINE_HEIGHT = 36

WORDS_CHINESE = (
    '停车场 出口 入口 收费站 中国银行 超市 公交车站 请减速慢行 前方施工 注意安全 保持车距 限速 医院 学校 加油站 洗车 汽车维修 房产中介 '
    '物流 快递 客运 出租车 人民路 北京东路 上海南站 欢迎光临 烟酒 药店 火锅 理发 招聘 电话 让行 禁止停车 景区 游客中心 售票处 '
    '警察 公安 救护 消防 城市管理 核载 限载 自重 驾驶室准乘 危险品 爆 贵州茅台 幸福路口 一号门 监控 摄像机 通道 车道 东风 解放'
).split()
WORDS_LATIN = (
    'POLICE BUS TAXI EXPRESS LOGISTICS STOP EXIT PARKING Hotel Coffee BANK market Camera CAM01 Channel TRUCK AUTO '
    'TURBO SPORT 4WD HYBRID CITY GO ONLY XIN SHOP mobile service 24H SALE OPEN www.example.com Air LUXURY CROSS 2.0T 1.5L EV'
).split()

UNITS = ['米', '号', '吨', 'kg', '人', '路', '']


def load_fonts(size: int) -> tuple[list[ImageFont.FreeTypeFont], list[ImageFont.FreeTypeFont]]:
    """Chinese and Latin fonts. Raises FileNotFoundError naming the font and Debian's packages when one is missing."""
    for name in [*(n for n, _ in CHINESE), *LATIN]:
        if not (FONTS / name).exists():
            raise FileNotFoundError(f'the font {FONTS / name} is missing; Debian has it in one of: {PACKAGES}')
    chinese = [ImageFont.truetype(str(FONTS / name), size, index=face) for name, face in CHINESE]
    return chinese, [ImageFont.truetype(str(FONTS / name), size) for name in LATIN]


def ink_of(text: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    """The text as a mask (0..255), cut to its ink."""
    left, top, right, bottom = font.getbbox(text)
    page = Image.new('L', (right - left + 8, bottom - top + 8), 0)
    ImageDraw.Draw(page).text((4 - left, 4 - top), text, fill=255, font=font)
    return np.array(page.crop(page.getbbox()))


class Glyphs:
    """All characters of plates, per font; masks of MASTER size that fill it, as on plates they fill their box."""

    def __init__(self) -> None:
        chinese, latin = load_fonts(96)
        self.chinese = [{c: self._fill(c, f) for c in PROVINCES + SPECIAL} for f in chinese]
        self.latin = [{c: self._fill(c, f) for c in DIGITS + LETTERS} for f in latin]

    @staticmethod
    def _fill(character: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
        return cv2.resize(ink_of(character, font), MASTER, interpolation=cv2.INTER_AREA)

    def draw(self, dice: Dice, text: str) -> list[np.ndarray]:
        """One mask a character, all of one pair of fonts and with one weight of the strokes."""
        chinese, latin = dice.choice(self.chinese), dice.choice(self.latin)
        weight = dice.weighted({'as it is': 5, 'heavy': 3, 'light': 2})
        kernel = np.ones((3, 3), np.uint8)
        masks = []
        for c in text:
            mask = bar(dice) if c == '1' else latin.get(c, chinese.get(c))
            assert mask is not None, f'no glyph for {c}'
            if weight == 'heavy':
                mask = cv2.dilate(mask, kernel)
            elif weight == 'light':
                mask = cv2.erode(mask, kernel)
            masks.append(mask)
        return masks


def bar(dice: Dice) -> np.ndarray:
    """The 1 of Chinese plates: a plain bar, with or without a flag; fonts draw it too wide when it fills its box."""
    width, height = MASTER
    mask = np.zeros((height, width), np.uint8)
    x = width // 2 - 6 + dice.randint(-1, 2)
    mask[:, x : x + dice.randint(9, 12)] = 255
    if dice.chance(0.6):
        cv2.fillPoly(mask, [np.array([[x, 0], [x, 17], [x - 9, 21], [x - 9, 13]])], 255)
    return mask


def phrase(dice: Dice) -> str:
    """What stands on signs, shops, lorries and in the corner of a camera's picture."""

    def number(digits: int) -> str:
        return ''.join(dice.some(DIGITS, digits))

    def date() -> str:
        return f'{dice.randint(1, 12):02}-{dice.randint(1, 28):02}'

    kinds = {
        lambda: ''.join(dice.some(WORDS_CHINESE, dice.randint(1, 3))): 4,
        lambda: ' '.join(dice.some(WORDS_LATIN, dice.randint(1, 3))): 3,
        lambda: f'1{number(10)}' if dice.chance(0.6) else f'0{number(3)}-{number(8)}': 1.5,
        lambda: f'20{number(2)}-{date()} {dice.randint(0, 23):02}:{number(2)}:{number(2)}': 2,
        lambda: f'20{number(2)}年{dice.randint(1, 12)}月{dice.randint(1, 28)}日 星期{dice.choice("一二三四五六日")}': 1,
        lambda: f'{dice.choice(WORDS_CHINESE)}{number(dice.randint(1, 4))}{dice.choice(UNITS)}': 2,
        lambda: f'{dice.choice(WORDS_LATIN)} {number(dice.randint(1, 5))}': 1.5,
        lambda: number(dice.randint(1, 6)): 1,
    }
    return dice.weighted(kinds)()


def draw_phrases(dice: Dice, count: int) -> list[np.ndarray]:
    """Masks of LINE_HEIGHT; drawing them once and using them many times saves most of the time of a scene."""
    chinese, latin = load_fonts(LINE_HEIGHT)
    # The fallback font has no digits.
    chinese = chinese[:-1]
    masks = []
    for _ in range(count):
        text = phrase(dice)
        font = dice.choice(latin if text.isascii() else chinese)
        mask = ink_of(text, font)
        scale = LINE_HEIGHT / mask.shape[0]
        size = (max(2, round(mask.shape[1] * scale)), LINE_HEIGHT)
        masks.append(cv2.resize(mask, size, interpolation=cv2.INTER_AREA))
    return masks
