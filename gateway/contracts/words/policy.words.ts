/** The signed policy of a site: why one is refused, and what the command line and /health say of it. */
import { area } from './area.ts';

export const policy = area({
  'policy-summary': {
    en: 'policy version {version} for site {site}, issued {issued}, expires {expires}',
    zh: '策略第 {version} 版，站点 {site}，签发 {issued}，到期 {expires}',
  },
  'policy-two-opinions': {
    en: '  a hit needs the opinions of two different people, at least one of them a police officer',
    zh: '  每个命中须两名不同人员研判，其中至少一名民警',
  },
  'policy-one-opinion': {
    en: '  ONE police officer is enough for the crew to act on a hit; it is shown as "one opinion, not reviewed"',
    zh: '  一名民警研判即可出动；显示为“单人研判，未复核”',
  },
  'policy-no-rooms': {
    en: '  no command room judges with two names: each of its opinions carries a service number',
    zh: '  指挥室不能只凭两个姓名判定：每个意见须写明警号',
  },
  'policy-rooms': {
    en: '  two names of the command room count as both opinions, over the relays {rooms}',
    zh: '  指挥室的两个姓名等于两个意见，限线路 {rooms}',
  },
  'policy-what-root-key': {
    en: 'a root key of this root.json (version {version})',
    zh: '这份 root.json（第 {version} 版）的根密钥',
  },
  'policy-take-it': { en: 'Put this policy in force? [y/N] ', zh: '启用这份策略吗？[y/N] ' },
  'policy-taken': {
    en: 'Policy version {version} is in force until {until}; it lies at {path}.',
    zh: '策略第 {version} 版已生效，至 {until}；文件在 {path}。',
  },
  'policy-no-path': {
    en: 'the configuration names no place for a policy: add `policy: FILE` under `lists` in {config}',
    zh: '配置没有写策略文件的位置：请在 {config} 的 `lists` 下加 `policy: 文件`',
  },
  'the-policy': { en: 'the policy', zh: '策略' },
  'policy-of-other-site': {
    en: 'the policy was signed for site {other}, this is {site}; ask for our own',
    zh: '策略是给 {other} 站签的，本站是 {site}；请索取本站的',
  },
  'policy-life': { en: 'a policy is valid for 1 to {days} days', zh: '策略有效期为 1 至 {days} 天' },
  'policy-ran-out': { en: 'the policy ran out at {at}; import a newer one', zh: '策略已于 {at} 到期；请导入新的' },
  'policy-begins-later': {
    en: 'the policy begins at {at}, and the clock of this box says {now}: compare the clocks',
    zh: '策略自 {at} 起生效，本机时钟为 {now}：请核对时钟',
  },
  'policy-version-lower': {
    en: 'the policy has version {version}, and version {held} was in force here: an older one is not taken',
    zh: '策略是第 {version} 版，本机已用过第 {held} 版：不接受旧版',
  },
  'policy-version-again': {
    en: 'another policy of version {version} was in force here: a changed policy needs a higher version',
    zh: '本机用过另一份第 {version} 版策略：内容有变须提高版本号',
  },
  'policy-not-in-force': {
    en: 'the policy of the site is not in force ({why}): {detail}. Every hit needs two opinions, and no command room counts as both',
    zh: '本站策略未生效（{why}）：{detail}。每个命中须两人研判，指挥室的判定也不例外',
  },
  'policy-not-in-force-todo': {
    en: 'get the policy signed by the root keys from the list office, and: npx sitebox list import FILE --config FILE',
    zh: '向名单部门索取根密钥签名的策略，并执行：npx sitebox list import 文件 --config 文件',
  },
});
