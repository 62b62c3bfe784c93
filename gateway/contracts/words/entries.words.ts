/** What is wrong with a table, an entry, a number, a plate or a photo at the list office. */
import { area } from './area.ts';

export const entries = area({
  'csv-utf-16': { en: 'the file is UTF-16; save it as "CSV UTF-8"', zh: '文件是 UTF-16；请另存为“CSV UTF-8”' },
  'csv-not-utf-8': {
    en: 'the file is not in utf-8: save it as "CSV UTF-8", or say --encoding gb18030',
    zh: '文件不是 utf-8：请另存为“CSV UTF-8”，或加 --encoding gb18030',
  },
  'csv-not-gb18030': {
    en: 'the file is not in gb18030: leave --encoding out',
    zh: '文件不是 gb18030：请去掉 --encoding',
  },
  'csv-quote-open': { en: 'row {row}: a double quote is never closed', zh: '第 {row} 行：双引号没有配对' },
  'csv-quotes': {
    en: 'row {row}: double quotes belong around a whole field; inside it each is written twice',
    zh: '第 {row} 行：双引号要括住整个字段；字段里面的双引号须写两个',
  },
  'table-empty': { en: 'the file is empty', zh: '文件是空的' },
  'table-columns': {
    en: 'expected {expected} columns, found {found}; put a text that holds a comma in double quotes',
    zh: '应有 {expected} 列，实有 {found} 列；含逗号的文字请加双引号',
  },
  'table-doubt': {
    en: '{doubt}. Compare it with the paper; if it is right: --confirm-row {row}',
    zh: '{doubt}。请与纸质材料核对；无误就加 --confirm-row {row}',
  },
  'table-same-as': { en: 'is the same as in row {row}', zh: '与第 {row} 行相同' },
  'table-note': { en: 'note on row {row}: {note}', zh: '第 {row} 行：{note}' },
  'table-column-missing': { en: 'the column is missing from the first row', zh: '第一行缺少这一列' },
  'table-column-unknown': {
    en: 'a column name is unknown; known are {columns}',
    zh: '有不认识的列名；可用的列名有 {columns}',
  },
  'table-column-twice': { en: 'the column appears twice', zh: '这一列重复' },
  'table-time-zone': {
    en: '{problem}; for times without a zone say which it is, for example --offset +08:00',
    zh: '{problem}；时间没写时区的，请加 --offset，例如 --offset +08:00',
  },

  'field-missing': { en: 'is missing', zh: '缺少' },
  'field-not-text': { en: 'is not text', zh: '不是文本' },
  'field-not-quoted': { en: 'is not text; put it in double quotes', zh: '不是文本；请加双引号' },
  'field-too-long': { en: 'is longer than {most} characters', zh: '超过 {most} 个字符' },
  'field-empty': { en: 'is empty', zh: '为空' },
  'field-invisible': {
    en: 'holds a line break or another invisible character',
    zh: '含有换行或其他不可见字符',
  },
  'field-id-form': { en: 'is not 1 to 64 of A-Z a-z 0-9 . _ : -', zh: '应为 1 至 64 个 A-Z a-z 0-9 . _ : -' },
  'field-lane-id': { en: 'is not a lane id', zh: '不是通道编号' },
  'field-clock': { en: 'is not HH:MM', zh: '应写成 HH:MM' },
  'field-hours-same': {
    en: 'has the same beginning and end; leave hours out for the whole day',
    zh: '起止相同；全天有效就不要写时段',
  },
  'field-digest': { en: 'is not 64 hexadecimal digits', zh: '不是 64 位十六进制数' },
  'field-base64': { en: 'is not base64', zh: '不是 base64' },
  'field-salt': { en: 'is not 32 bytes in base64', zh: '不是 32 字节的 base64' },
  'field-key': { en: 'expected 32 bytes in base64', zh: '应为 32 字节的 base64' },
  'field-time': { en: 'is not a time such as 2026-11-21T00:00:00Z', zh: '应写成 2026-11-21T00:00:00Z 这样的时间' },
  'field-until-before-from': { en: 'does not lie after validFrom', zh: '须晚于 validFrom' },
  'field-rounded': {
    en: 'was rounded by the spreadsheet; set the column to text and type it again',
    zh: '被电子表格取整了；请把该列设为文本，重新输入',
  },
  'field-check-digit': {
    en: 'has 18 characters that do not fit its check digit (GB 11643): one is mistyped, or the spreadsheet has rounded it (set the column to text)',
    zh: '18 位号码与校验码不符（GB 11643）：输错了一位，或被电子表格取整（请把该列设为文本）',
  },
  'number-full-width': {
    en: 'holds full-width characters; write 0-9 and A-Z in half width',
    zh: '含有全角字符；0-9 和 A-Z 请用半角',
  },
  'number-characters': {
    en: 'holds something else than 0-9, A-Z, blanks and hyphens',
    zh: '含有 0-9、A-Z、空格和连字符以外的字符',
  },
  'number-length': { en: 'is not {least} to {most} characters long', zh: '长度应为 {least} 至 {most} 个字符' },
  'number-of-document': { en: 'the number of a document {problem}', zh: '证件号码{problem}' },
  'number-15-birthday': {
    en: 'has 15 digits, and digits 7 to 12 are no birthday: one is mistyped',
    zh: '15 位号码的第 7 至 12 位不是出生日期：有一位输错',
  },
  'number-15-to-18': {
    en: 'the old number of 15 digits is signed as its 18 digits, as cards and readers have it',
    zh: '15 位旧号码按 18 位签名，与证件和读卡器一致',
  },
  'number-18-birthday': {
    en: 'has 18 characters, and digits 7 to 14 are no birthday: one is mistyped',
    zh: '18 位号码的第 7 至 14 位不是出生日期：有一位输错',
  },
  'number-ends-in-000': {
    en: 'ends in 000, as a spreadsheet leaves it that has rounded the number away: it may be the number of somebody else',
    zh: '末尾是 000，像是被电子表格取整过：可能变成了别人的号码',
  },
  'number-like-date': {
    en: 'looks like a date that a spreadsheet has made of it',
    zh: '像是被电子表格改成了日期',
  },
  'number-no-digit': { en: 'holds no digit', zh: '一个数字也没有' },
  'number-letter-o-i': {
    en: 'holds a letter O or I beside a digit: 0 or 1 may be meant',
    zh: '数字旁边有字母 O 或 I：可能应是 0 或 1',
  },
  'number-few-digits': {
    en: 'has few digits: a spreadsheet may have dropped the zeros before them',
    zh: '位数太少：电子表格可能丢了前面的 0',
  },
  'number-odd-length': {
    en: 'has {digits} digits, as no document has that is known here: one too many or too few',
    zh: '有 {digits} 位，已知的证件都没有这么多位：多了或少了一位',
  },
  'number-ends-in-x': {
    en: 'ends in X, as of citizen numbers only those of 18 characters do, and has {length}: one too many or too few',
    zh: '末位是 X，公民身份号码只有 18 位的才会，而这里有 {length} 位：多了或少了一位',
  },
  'expected-what': { en: 'expected {what}', zh: '应为 {what}' },
  'photo-too-big': {
    en: 'has more than {kB} kB; save it smaller, 480 × 600 pixels are enough',
    zh: '超过 {kB} kB；请存小一些，480 × 600 像素就够',
  },
  'photo-kind': {
    en: 'is neither a JPEG nor a PNG picture; save it as one of them',
    zh: '既不是 JPEG 也不是 PNG；请存成其中一种',
  },
  'photo-unreadable': {
    en: 'names a file that cannot be read; its path counts from the folder of the table',
    zh: '所写的文件读不了；路径从表格所在目录算起',
  },
  'photos-too-many-bytes': {
    en: 'brings all photos above {MB} MB; save them smaller, or leave some out',
    zh: '照片合计超过 {MB} MB；请存小一些，或去掉几张',
  },
});
