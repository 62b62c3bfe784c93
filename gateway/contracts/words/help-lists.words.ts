/** What `--help` says of the verbs of `sitebox list`. */
import { area } from './area.ts';

export const helpLists = area({
  'help-list': { en: 'make, verify and import signed lists', zh: '制作、校验和导入签名名单' },
  'help-list-import': {
    en: 'verify a list or the policy of the site, show what it changes, ask, and swap it in',
    zh: '校验名单或本站策略，显示变更，确认后换上',
  },
  'help-list-file-sig': {
    en: 'the list or policy; FILE.sig lies beside it',
    zh: '名单或策略文件；同一目录下须有同名 .sig',
  },
  'help-list-trust': {
    en: 'take over the root.json that lies at the path of `lists.trust`',
    zh: '启用 `lists.trust` 处的 root.json',
  },
  'help-list-trust-replace': {
    en: 'start a new chain: drops the old roots and all lists (when too many root keys are lost)',
    zh: '另起一条信任链：作废原信任根和所有名单（根密钥丢失过多时）',
  },
  'help-list-trust-drop': {
    en: 'take it over now, though it drops lists in force (when list keys were stolen; otherwise import its first list)',
    zh: '立即启用，并作废现行名单（名单密钥被盗时用；平时应导入它的第一份名单）',
  },
  'help-list-new-root': {
    en: 'make the keys and root.json of a new root of trust',
    zh: '生成新信任根的密钥和 root.json',
  },
  'help-list-out-folder': { en: 'where to put them', zh: '放在哪个目录' },
  'help-list-keys': { en: 'keys per role', zh: '每类密钥几把' },
  'help-list-threshold': {
    en: 'signatures needed per role (default: 2, or 1 with one key)',
    zh: '每类密钥须几人签名（默认 2；只有一把密钥时为 1）',
  },
  'help-list-root-days': { en: 'life of the root', zh: '信任根有效天数' },
  'help-list-rotate-root': {
    en: 'make the successor of a root.json: a later end, and new keys where asked for',
    zh: '制作下一版 root.json：延长有效期，按需更换密钥',
  },
  'help-list-root-in-force': { en: 'the root.json in force', zh: '现行的 root.json' },
  'help-list-root-key': { en: 'a root key in force; repeat for each', zh: '现行的根密钥；每把写一次' },
  'help-list-new-root-folder': {
    en: 'where to put the new root.json and new keys',
    zh: '新 root.json 和新密钥放在哪个目录',
  },
  'help-list-replace-list-keys': {
    en: 'new list keys; the old ones sign nothing any more',
    zh: '更换名单密钥；旧密钥不再有效',
  },
  'help-list-replace-root-keys': { en: 'new root keys', zh: '更换根密钥' },
  'help-list-new-root-days': { en: 'life of the new root', zh: '新信任根有效天数' },
  'help-list-sign': {
    en: 'make a signed list of a table (CSV or JSON), or add a signature to a list, policy or root.json',
    zh: '用表格（CSV 或 JSON）制作签名名单，或给名单、策略、root.json 加签',
  },
  'help-list-sign-file': {
    en: 'NAME.csv, NAME.json with an array of entries, or a list, policy or root.json to add a signature to',
    zh: '名称.csv、含条目数组的名称.json，或要加签的名单、策略、root.json',
  },
  'help-list-key': { en: 'a key; repeat for each', zh: '密钥；每把写一次' },
  'help-list-out': { en: 'the signed list (default: NAME.list.json)', zh: '签好的名单（默认：名称.list.json）' },
  'help-list-site': { en: 'the site that the list is for', zh: '名单用于哪个站点' },
  'help-list-version': {
    en: 'higher than that of the list before (default: the time, as YYYYMMDDhhmm)',
    zh: '须大于上一份名单的版本号（默认：当前时间，写作 YYYYMMDDhhmm）',
  },
  'help-list-days': { en: 'life of the list', zh: '名单有效天数' },
  'help-list-type': { en: 'kind of list', zh: '名单种类' },
  'help-list-offset': {
    en: 'zone of times written without one, such as +08:00',
    zh: '表中时间未写时区时所用的时区，例如 +08:00',
  },
  'help-list-encoding': { en: 'of the CSV', zh: 'CSV 的编码' },
  'help-list-previous': {
    en: 'the list before: the difference to it is shown; a doc-list keeps its salt',
    zh: '上一份名单：显示与它的差别；doc-list 沿用它的盐值',
  },
  'help-list-sign-root': {
    en: 'root.json: says whether the signatures are enough; needed to add one',
    zh: 'root.json：用来判断签名是否够数；加签时必填',
  },
  'help-list-confirm-row': {
    en: 'a doubted number was compared with the paper; repeat for each row',
    zh: '存疑的号码已与纸质材料核对；每行写一次',
  },
  'help-list-sign-yes': { en: 'show, and do not ask', zh: '只显示，不询问' },
  'help-list-verify': {
    en: 'verify a signed list: exit 0 when a box of its site would take it now, 1 with the reason when not',
    zh: '校验签名名单：本站主机现在会收下则退出码 0，否则为 1 并说明原因',
  },
  'help-list-root-sig': { en: 'root.json; its .sig lies beside it', zh: 'root.json；同一目录下须有它的 .sig' },
  'help-list-verify-site': { en: 'also check that it is for this site', zh: '同时核对是否为本站点的名单' },
  'help-list-show': { en: 'show a signed list, or what is in force on this box', zh: '显示签名名单，或本机现行的名单' },
  'help-list-file': { en: 'the list', zh: '名单文件' },
  'help-list-show-root': { en: 'root.json to verify the list with', zh: '校验名单所用的 root.json' },
  'help-list-show-config': {
    en: 'show what is in force on the box of this configuration',
    zh: '显示这份配置所属主机的现行名单',
  },
  'help-list-csv': { en: 'print the entries as a table for a spreadsheet', zh: '输出表格，供电子表格软件使用' },
  'help-list-diff': {
    en: 'what B changes against A; one that lacks signatures is compared too, with a warning',
    zh: 'B 比 A 改了什么；签名不足的也比较，并给出提示',
  },
  'help-list-a': { en: 'the earlier list', zh: '较早的名单' },
  'help-list-b': { en: 'the later list', zh: '较晚的名单' },
  'help-list-diff-root': { en: 'root.json to verify both with', zh: '校验两份名单所用的 root.json' },
});
