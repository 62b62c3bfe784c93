/** What the verbs of the command line share: refusals, options, names of roles and states. */
import { area } from './area.ts';

export const cli = area({
  refused: { en: 'REFUSED: {why}', zh: '拒绝：{why}' },
  'refused-because': { en: 'REFUSED ({why}): {detail}', zh: '拒绝（{why}）：{detail}' },
  warning: { en: 'warning: {what}', zh: '警告：{what}' },
  'nothing-changed': { en: 'Nothing was changed.', zh: '没有任何改动。' },
  'nothing-changed-because': { en: 'Nothing was changed: {why}', zh: '没有任何改动：{why}' },
  'no-room': {
    en: 'REFUSED: {cause}. {otherwise} Free space outside the storage folder, and do it again.',
    zh: '拒绝：{cause}。{otherwise}请在存储目录以外腾出空间，再试一次。',
  },
  'internal-error': { en: 'sitebox: {why}', zh: 'sitebox：{why}' },

  'bad-length': { en: 'Expected 1 to {most} characters.', zh: '应为 1 至 {most} 个字符。' },
  'bad-number': { en: 'Expected a number from {least} to {most}.', zh: '应为 {least} 至 {most} 的数。' },
  'bad-whole-number': { en: 'Expected a whole number from {least} to {most}.', zh: '应为 {least} 至 {most} 的整数。' },
  'bad-device-id': {
    en: 'Expected 1 to 32 of a-z, 0-9 and -, starting with a letter or digit.',
    zh: '应为 1 至 32 个 a-z、0-9 或 -，以字母或数字开头。',
  },
  'bad-similarity': {
    en: 'Expected a number between -1 and 1, higher is more alike.',
    zh: '应为 -1 至 1 之间的数，越大越相似。',
  },
  'bad-language': {
    en: "error: option '--lang <language>' argument '{value}' is invalid. Allowed choices are en, zh.",
    zh: '错误：选项 --lang 的值“{value}”不对。可选：en、zh。',
  },
  'account-without-name': {
    en: 'This account has no name on this machine: say with --by NAME who does it',
    zh: '当前账户在这台计算机上没有名字：请用 --by 姓名 写明由谁执行',
  },

  'gateway-without-store': {
    en: 'REFUSED: a gateway (process {pid}) runs on storage folder {folder}, and its store is no longer there: put the store back, or stop the gateway before a new one is made',
    zh: '拒绝：本机（进程 {pid}）正在使用存储目录 {folder}，而其中的存储已经不在：请把存储放回原处，或先停机再新建',
  },
  'gateway-of-earlier-version': {
    en: 'REFUSED: an earlier sitebox wrote the store in {folder}, and the gateway that runs on it (process {pid}) may not know the layout of this version. Nothing was changed: run the sitebox that the gateway was started from, or stop the gateway first. Where it has just been started from this version, wait until it serves.',
    zh: '拒绝：{folder} 里的存储由更早版本的 sitebox 写成，正在使用它的本机程序（进程 {pid}）可能不认得本版本的格式。没有任何改动：请用启动该程序的那个 sitebox，或先停机。如果它刚由本版本启动，请等它开始运行。',
  },
  'no-store-yet': {
    en: 'There is no store in {folder} yet: the first start of the gateway, or of a list, makes it.',
    zh: '{folder} 里还没有存储：首次启动本机或首次导入名单时建立。',
  },
  'no-store': { en: 'there is no store in {folder}', zh: '{folder} 里没有存储' },
  'no-store-nothing-made': {
    en: 'there is no store in {folder}; nothing was made',
    zh: '{folder} 里没有存储；什么都没有建',
  },

  'check-good': { en: '{file}: in order: site {site}, {parts}', zh: '{file}：没有错误：站点 {site}，{parts}' },
  'check-exposed': { en: 'warning: {what}: {todo}', zh: '警告：{what}：{todo}' },
  'check-lanes': { en: '{n|lane|lanes}', zh: '{n} 条通道' },
  'check-cameras': { en: '{n|camera|cameras}', zh: '{n} 台摄像机' },
  'check-readers': { en: '{n|reader|readers}', zh: '{n} 台读卡器' },
  'check-relays': { en: '{n|relay|relays}', zh: '{n} 个综合指挥室' },
  'check-policy': { en: 'policy version {version}', zh: '策略第 {version} 版' },
  'check-policy-refused': {
    en: 'warning: the policy at {path} would not be in force ({why}): {detail}',
    zh: '警告：{path} 处的策略不会生效（{why}）：{detail}',
  },
  'check-crew': { en: 'crew equipment {ids}', zh: '队员装备接入 {ids}' },

  'role-officer': { en: 'officer', zh: '民警' },
  'role-guard': { en: 'guard', zh: '保安' },
  'role-volunteer': { en: 'volunteer', zh: '志愿者' },
  'kind-bodycam': { en: 'bodycam', zh: '执法记录仪' },
  'kind-drone': { en: 'drone', zh: '无人机' },
  'kind-vehicle': { en: 'vehicle', zh: '巡逻车' },
  'mode-normal': { en: 'normal', zh: '平时' },
  'mode-heightened': { en: 'heightened', zh: '战时' },
  'mode-emergency': { en: 'emergency', zh: '应急' },
  'origin-box': { en: 'box', zh: '本站' },
  'origin-room': { en: 'room', zh: '综合指挥室' },
  'state-waiting': { en: 'waiting', zh: '待发送' },
  'state-sent': { en: 'sent', zh: '已发送' },
  'state-delivered': { en: 'delivered', zh: '已送达' },
  'state-read': { en: 'read', zh: '已读' },
  'state-done': { en: 'done', zh: '已办结' },
  'state-refused': { en: 'refused', zh: '已拒绝' },
  'state-ended': { en: 'ended', zh: '结束' },
});
