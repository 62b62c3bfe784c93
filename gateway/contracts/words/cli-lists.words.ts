/** What the verbs of `sitebox list` say. */
import { area } from './area.ts';

export const cliLists = area({
  'list-against': { en: 'against version {version} on this box:', zh: '与本机第 {version} 版比较：' },
  'list-against-previous': { en: 'against version {version}:', zh: '与第 {version} 版比较：' },
  'list-none-yet': { en: 'this box has no list of this type yet:', zh: '本机还没有这种名单：' },
  'list-swap-in': { en: 'Swap it in? [y/N] ', zh: '换上这份名单吗？[y/N] ' },
  'list-in-force-until': {
    en: 'version {version} is in force until {until}',
    zh: '第 {version} 版已生效，至 {until} 到期',
  },
  'list-root-with-list': {
    en: 'root.json version {version} comes into force together with this list: lists of other keys than its own are refused from then on',
    zh: 'root.json 第 {version} 版与这份名单同时生效：此后其他密钥签的名单一律拒收',
  },
  'list-warning': { en: 'WARNING: {what}', zh: '警告：{what}' },
  'list-falls-away': {
    en: 'the {list} in force, version {version}, FALLS AWAY: the list keys of root version {root} did not sign it. Nothing of it matches until a {list} signed by them is imported',
    zh: '现行{list}（第 {version} 版）将作废：它不是用第 {root} 版信任根的名单密钥签的。导入由新密钥签名的{list}之前，什么都比不中',
  },
  'list-type-falls-away': { en: 'the {list} in force falls away', zh: '现行{list}将作废' },
  'list-drop-everything': {
    en: 'Drop the trusted roots and every list of this box? [y/N] ',
    zh: '作废本机的信任根和所有名单吗？[y/N] ',
  },
  'list-drop-named': {
    en: 'Drop what is named above, and match nothing of it until the next import? [y/N] ',
    zh: '作废上面列出的名单，到下次导入之前不比对吗？[y/N] ',
  },
  'list-root-in-force-until': {
    en: 'root version {version} is in force until {until}',
    zh: '信任根第 {version} 版已生效，至 {until} 到期',
  },
  'list-root-must-wait': {
    en: 'Nothing was changed: root version {version} waits, and comes into force together with the first list that its keys signed ("list import"). If the list keys of before were stolen, cut them off now with --drop-lists.',
    zh: '没有任何改动：信任根第 {version} 版在等待，导入由它的密钥签名的第一份名单时同时生效（list import）。原名单密钥若已被盗，请立即用 --drop-lists 作废。',
  },
  'list-key-role': {
    en: '{path} is a {role} key; a {wanted} key is needed here',
    zh: '{path} 是{role}；这里需要{wanted}',
  },
  'key-role-root': { en: 'root', zh: '根密钥' },
  'key-role-list': { en: 'list', zh: '名单密钥' },
  'list-key-exposed': {
    en: 'warning: others may read {path}; run "chmod 600" on it',
    zh: '警告：其他人能读 {path}；请执行 chmod 600',
  },
  'list-summary': {
    en: '{list} version {version} for site {site}, {entries|entry|entries}{photos}',
    zh: '{list}第 {version} 版，站点 {site}，{entries} 条{photos}',
  },
  'list-summary-photos': { en: ', {photos} with a photo', zh: '，其中 {photos} 条有照片' },
  'list-summary-dates': { en: '  issued {issued}, ends {expires}', zh: '  签发 {issued}，到期 {expires}' },
  'list-good': { en: 'good: {summary}', zh: '有效：{summary}' },
  'list-entry-lanes': { en: ' lanes {lanes}', zh: ' 通道 {lanes}' },
  'list-entry-photo': { en: '  [photo, {kB} kB]', zh: '  [照片，{kB} kB]' },
  'list-new-salt': {
    en: 'The list has a new salt: every entry counts as changed, and whether its number is another one cannot be seen. The list office keeps the salt with "sign --previous".',
    zh: '名单换了盐值：每一条都算有改动，号码是否变了看不出来。名单部门用 sign --previous 可沿用盐值。',
  },
  'list-fields-changed': { en: '  ({id}: {fields} changed)', zh: '  （{id}：{fields} 有改动）' },
  'list-diff-counts': {
    en: '{added} added, {changed} changed, {withdrawn} withdrawn, {same} as before',
    zh: '新增 {added}，修改 {changed}，撤销 {withdrawn}，不变 {same}',
  },
  'list-root-needed': {
    en: '--root is needed: without it, whether the signatures that are there fit what you are about to sign cannot be checked',
    zh: '要写 --root：没有它，无法核对已有的签名与您将要签的内容是否相符',
  },
  'list-what-root-key': { en: 'a root key of version {old} or {next}', zh: '第 {old} 版或第 {next} 版的根密钥' },
  'list-what-list-key': {
    en: 'a list key of this root.json (version {version})',
    zh: '这份 root.json（第 {version} 版）的名单密钥',
  },
  'list-signature-misfit': {
    en: 'REFUSED (altered): the signature of key {key} does not fit this file: it was changed after {key} signed it. Nothing was signed; ask its keeper, and fetch the file and its .sig again',
    zh: '拒绝（被改动）：密钥 {key} 的签名与文件不符：{key} 签名之后文件被改过。没有签名；请问保管人，重新取文件和 .sig',
  },
  'list-signature-stranger': {
    en: 'warning: the signature of {key} is of no key of this root: it cannot be checked and counts for nothing',
    zh: '警告：{key} 的签名不属于这个信任根的任何密钥：无法核对，不作数',
  },
  'list-key-stranger': {
    en: 'REFUSED (unsigned): key {key} is not {what}: its signature would count for nothing. Nothing was signed; such keys are {known}. Or is a newer root.json due?',
    zh: '拒绝（签名不足）：密钥 {key} 不是{what}：它的签名不作数。没有签名；可用的密钥有 {known}。或者该换新的 root.json 了？',
  },
  'list-signatures': { en: '{file}: {n|signature|signatures}', zh: '{file}：{n} 个签名' },
  'list-root-difference': {
    en: 'root version {next}, issued {issued}, ends {expires}; against version {old}:',
    zh: '信任根第 {next} 版，签发 {issued}，到期 {expires}；与第 {old} 版比较：',
  },
  'list-root-keys': { en: 'root keys', zh: '根密钥' },
  'list-list-keys': { en: 'list keys', zh: '名单密钥' },
  'list-key-added': { en: '+ {keys}: {id}', zh: '+ {keys}：{id}' },
  'list-key-removed': { en: '- {keys}: {id}, which signs nothing any more', zh: '- {keys}：{id}，不再有效' },
  'list-threshold': {
    en: '{keys}: {needed} of {of} needed, before {neededBefore} of {ofBefore}',
    zh: '{keys}：{of} 把中须 {needed} 把签名，此前 {ofBefore} 把中须 {neededBefore} 把',
  },
  'list-too-many-entries': {
    en: '{file} has {entries} entries, a list has at most {most}; nothing was signed',
    zh: '{file} 有 {entries} 条，一份名单最多 {most} 条；没有签名',
  },
  'list-note': { en: '{file}: {note}', zh: '{file}：{note}' },
  'list-row-problem': { en: '{file}: row {row}, {column}: {problem}', zh: '{file}：第 {row} 行，{column}：{problem}' },
  'list-mistakes': { en: '{n|mistake|mistakes}; nothing was signed', zh: '{n} 处错误；没有签名' },
  'list-entry-note': { en: 'entry {entry}: {note}', zh: '第 {entry} 条：{note}' },
  'list-entry-doubt': {
    en: 'entry {entry}: number {doubt}. Compare it with the paper; if it is right: --confirm-row {entry}',
    zh: '第 {entry} 条：号码{doubt}。请与纸质材料核对；无误就加 --confirm-row {entry}',
  },
  'list-neither': { en: '{file} is neither NAME.csv nor JSON', zh: '{file} 既不是 名称.csv，也不是 JSON' },
  'list-threshold-too-high': {
    en: '--threshold {threshold} cannot be met with --keys {keys}',
    zh: '--keys {keys} 凑不够 --threshold {threshold}',
  },
  'list-threshold-told': {
    en: 'Signing a list takes {threshold} of the list keys; changing the root takes {threshold} of the root keys.',
    zh: '签发名单须 {threshold} 把名单密钥；更换信任根须 {threshold} 把根密钥。',
  },
  'list-keys-apart': {
    en: 'Give every key to a different person. Keep the root keys away from every network.',
    zh: '每把密钥交给不同的人保管。根密钥不得接触任何网络。',
  },
  'list-root-by-hand': {
    en: 'root.json and root.json.sig go onto the box, by hand, to the path of `lists.trust`.',
    zh: 'root.json 和 root.json.sig 由人工拷到主机上 `lists.trust` 所写的位置。',
  },
  'list-root-complete': {
    en: 'root version {version}: enough signatures of the old and the new keys',
    zh: '信任根第 {version} 版：新旧密钥的签名都够数',
  },
  'list-not-complete': { en: 'Not complete yet: {detail}', zh: '签名还不够：{detail}' },
  'list-add-signature': {
    en: "Add one on the other keeper's computer: sitebox list sign {file} --key NAME.key",
    zh: '请在另一位保管人的计算机上加签：sitebox list sign {file} --key 名称.key',
  },
  'list-root-taken': {
    en: 'REFUSED: {taken} exists already, and a root with its keys takes a folder of its own: name another than {folder} with --out. Nothing was written.',
    zh: '拒绝：{taken} 已经存在，而一个信任根和它的密钥要单独放一个目录：请用 --out 另写一个目录，不用 {folder}。什么都没有写。',
  },
  'list-key-file': { en: '{path}  (key id {id})', zh: '{path}  （密钥号 {id}）' },
  'list-both-files': { en: '{path} and {path}.sig', zh: '{path} 和 {path}.sig' },
  'list-photo-unusable': {
    en: 'warning: {entry}: no face can be compared with its photo: {problem}. Its number matches all the same; ask the list office for a better photo',
    zh: '警告：{entry}：它的照片无法比对人脸：{problem}。号码照常比对；请向名单部门要更好的照片',
  },
  'list-photos-unchecked': {
    en: 'warning: the {photos} photos of the list were not all checked ({cause}); numbers match all the same',
    zh: '警告：名单的 {photos} 张照片没有全部检查（{cause}）；号码照常比对',
  },
  'list-previous-unverified': {
    en: 'warning: {path} does not verify: {detail}',
    zh: '警告：{path} 校验不通过：{detail}',
  },
  'list-previous-site': {
    en: 'REFUSED (wrong site): the list before is for site {other}, not for {site}',
    zh: '拒绝（不是本站的）：上一份名单属于站点 {other}，不是 {site}',
  },
  'list-previous-type': { en: 'the list before is a {other}, this is a {type}', zh: '上一份是{other}，这一份是{type}' },
  'list-version-not-higher': {
    en: 'warning: boxes that hold version {version} refuse this one: its version is not higher',
    zh: '警告：已有第 {version} 版的主机会拒收这一份：版本号没有更大',
  },
  'list-all-shown': {
    en: 'All entries are shown. Give the list before as --previous to see only what changes.',
    zh: '以上是全部条目。用 --previous 给出上一份名单，就只显示变更。',
  },
  'list-sign-it': { en: 'Sign it? [y/N] ', zh: '签名吗？[y/N] ' },
  'list-nothing-signed': {
    en: 'Nothing was signed. (Where there is nobody to ask: --yes.)',
    zh: '没有签名。（无人应答时用 --yes。）',
  },
  'list-enough-signatures': { en: 'Enough signatures for this root of trust.', zh: '签名已够数，符合这个信任根。' },
  'list-other-site': {
    en: 'REFUSED (wrong site): the list is for site {other}, not for {site}',
    zh: '拒绝（不是本站的）：名单属于站点 {other}，不是 {site}',
  },
  'list-show-what': {
    en: 'expected FILE --root ROOT.JSON, or --config CONFIG',
    zh: '应写 名单文件 --root ROOT.JSON，或 --config 配置文件',
  },
  'list-show-csv': {
    en: '--csv shows a list file, with FILE --root ROOT.JSON; not with --config',
    zh: '--csv 用于名单文件：名单文件 --root ROOT.JSON；不与 --config 同用',
  },
  'list-no-table': {
    en: 'a document list cannot be given back as a table: it holds digests, and no numbers; use the table that it was made of',
    zh: '证件布控名单不能还原成表格：里面只有摘要，没有号码；请用制作它的那张表',
  },
  'list-types-differ': { en: '{a} is a {typeA}, {b} a {typeB}', zh: '{a} 是{typeA}，{b} 是{typeB}' },
  'list-incomplete': {
    en: 'NOT COMPLETE: no box takes {file} yet: {detail}',
    zh: '签名不足：主机还不会收下 {file}：{detail}',
  },
  'list-state-in-force': {
    en: '{list}: in force, version {version}, {entries|entry|entries}, ends {expires}',
    zh: '{list}：有效，第 {version} 版，{entries} 条，{expires} 到期',
  },
  'list-state-not': { en: '{list}: NOT in force ({why}): {detail}', zh: '{list}：无效（{why}）：{detail}' },
  'list-root-state': { en: '{what}: {todo}', zh: '{what}：{todo}' },
  'list-last-refused': {
    en: 'last refused: {at} by {by} ({why}): {detail}',
    zh: '最近拒收：{at}，导入人 {by}（{why}）：{detail}',
  },
  'list-offset-form': { en: '--offset must be written like +08:00', zh: '--offset 要写成 +08:00 这样' },
  'list-site-needed': {
    en: '--site is needed: the id of the site that the list is for',
    zh: '要写 --site：名单用于哪个站点的编号',
  },
  'list-site-form': {
    en: '--site is no id of a site (1 to 32 of a-z, 0-9 and -): no box has it',
    zh: '--site 不是站点编号（1 至 32 个 a-z、0-9 或 -）：没有哪台主机用它',
  },
  'list-making-digests': {
    en: 'making the digests of {numbers} numbers; this takes a while',
    zh: '正在计算 {numbers} 个号码的摘要，请稍候',
  },
  'list-too-many-bytes': {
    en: 'the list would have {bytes} bytes, boxes take {most}; nothing was signed: save the photos smaller, or leave some out',
    zh: '名单将有 {bytes} 字节，主机最多收 {most}；没有签名：请把照片存小一些，或去掉几张',
  },
  'list-salt-is-new': {
    en: 'The salt is new: boxes will show every entry as changed. To keep it, give the last list as --previous.',
    zh: '盐值是新的：主机会把每一条都显示为有改动。要沿用盐值，请用 --previous 给出上一份名单。',
  },
  'list-made-anew': {
    en: 'warning: {out} is made anew: its signatures of before, of {keys}, FALL AWAY. To add a signature to it, sign {out} itself.',
    zh: '警告：{out} 将重新制作：原有签名（{keys}）作废。要加签，请对 {out} 本身签名。',
  },
  'list-made-anew-unreadable': {
    en: 'warning: {out} is made anew: its signatures of before, that cannot be read, FALL AWAY. To add a signature to it, sign {out} itself.',
    zh: '警告：{out} 将重新制作：原有签名（读不出）作废。要加签，请对 {out} 本身签名。',
  },
  'list-no-salt': {
    en: 'the list before has no salt to keep; leave --previous out',
    zh: '上一份名单没有可沿用的盐值；请去掉 --previous',
  },

  'effect-never': { en: '{id}: never here: {why}', zh: '{id}：在本站永不生效：{why}' },
  'effect-over': { en: '{id}: over since {at}: of no effect', zh: '{id}：{at} 已失效' },
  'effect-later': { en: '{id}: holds from {at}', zh: '{id}：{at} 起生效' },
  'effect-odd': { en: '{id}: {what}', zh: '{id}：{what}' },
  'effect-begins-too-late': {
    en: 'it begins at {at}, when this list has ended ({expires})',
    zh: '它从 {at} 开始，而名单 {expires} 就到期了',
  },
  'effect-no-road-lane': {
    en: 'this box has no road lane, where a {list} is asked',
    zh: '本机没有道路车道，用不到{list}',
  },
  'effect-no-gate-lane': {
    en: 'this box has no gate lane, where a {list} is asked',
    zh: '本机没有验证通道，用不到{list}',
  },
  'effect-lanes-not-road': { en: '{lanes} is no road lane of this box', zh: '本机的道路车道里没有 {lanes}' },
  'effect-lanes-not-gate': { en: '{lanes} is no gate lane of this box', zh: '本机的验证通道里没有 {lanes}' },
  'effect-same-plate-first': {
    en: 'the same plate is under {id}, which comes first',
    zh: '同一号牌已在 {id}，以在前的为准',
  },
  'effect-same-number-first': {
    en: 'the same number is under {id}, which comes first',
    zh: '同一号码已在 {id}，以在前的为准',
  },
  'effect-same-plate': {
    en: 'the same plate is also under {id}; where both hold, {id} is shown',
    zh: '同一号牌也在 {id}；两条都有效时显示 {id}',
  },
  'effect-same-number': {
    en: 'the same number is also under {id}; where both hold, {id} is shown',
    zh: '同一号码也在 {id}；两条都有效时显示 {id}',
  },
  'effect-lanes-only': {
    en: 'holds on lanes {lanes} only: make sure that the site calls them so',
    zh: '只在通道 {lanes} 有效：请确认站点用的就是这些名称',
  },
  'effect-more': { en: 'and {more} more entries', zh: '另有 {more} 条' },
  'effect-counts': {
    en: '{now} hold now, {later} from later, {over} over, {never} never here',
    zh: '现在有效 {now}，以后生效 {later}，已失效 {over}，在本站永不生效 {never}',
  },
});
