/** The command line in Chinese: every verb, once where it does what it is asked and once where it refuses. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import * as adapters from '../../adapters/index.ts';
import { openModels } from '../../models/index.ts';
import { caught, type Outcome } from './cli.fixtures.ts';
import { main } from './index.ts';
import { displayWidth, inColumns, languageOf, padded, speak, takeLang } from './language.ts';

const folder = tempFolder();
const before = process.cwd();
const { LC_ALL } = process.env;
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
});
afterEach(() => {
  process.env['LC_ALL'] = LC_ALL;
  speak('en');
});

const program = { adapters, models: openModels(), demo: () => Promise.resolve(0) };
const sitebox = (...args: string[]): Promise<Outcome> => caught(() => main(['node', 'sitebox', ...args], program));
const inChinese = (...args: string[]): Promise<Outcome> => {
  delete process.env['LC_ALL'];
  process.env['LANG'] = 'zh_CN.UTF-8';
  return sitebox(...args);
};

/** What is to be typed, and names of files and keys, stay as they are. */
const AS_TYPED =
  /openssl [^”]*|sitebox [\w -]*|[\w./-]*(\/|\.(json|sig|key|yaml|csv|backup|db))[\w./-]*|`[^`]*`|"[^"]*"/g;
/** Three words of English in a row. */
const ENGLISH = /[a-z]{2,} [a-z]{2,} [a-z]{2,}/i;

describe('which language', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
    [{ LANG: 'zh_CN.UTF-8', LC_MESSAGES: 'en_US.UTF-8' }, 'en'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: '', LC_MESSAGES: 'zh_TW' }, 'zh'],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  ])('%o speaks %s', (env, language) => expect(languageOf(env)).toBe(language));

  it('--lang goes before that, wherever it stands; a value behind -- is none', async () => {
    expect(takeLang(['list', '--lang', 'zh', 'show'])).toEqual({ lang: 'zh', rest: ['list', 'show'] });
    expect(takeLang(['--', '--lang', 'zh'])).toEqual({ lang: undefined, rest: ['--', '--lang', 'zh'] });
    for (const args of [
      ['--lang', 'zh', 'device', 'list', '--config', 'none.yaml'],
      ['device', 'list', '--config', 'none.yaml', '--lang=zh'],
    ])
      expect(await sitebox(...args)).toEqual({
        code: 78,
        out: '',
        err: 'none.yaml 读不了（ENOENT）（检查路径；可从 sitebox.example.yaml 改起）\n',
      });
    expect(await inChinese('--lang', 'en', 'models', 'list')).toMatchObject({
      out: expect.stringMatching(/present .*needed for plates/) as string,
    });
    expect(await inChinese('--lang', 'fr', 'models')).toEqual({
      code: 64,
      out: '',
      err: '错误：选项 --lang 的值“fr”不对。可选：en、zh。\n',
    });
  });
});

describe('columns', () => {
  it('count a Chinese character as two', () => {
    expect([displayWidth('皖A12345'), displayWidth('a，b')]).toEqual([8, 4]);
    expect(padded('可选', 8)).toBe('可选    ');
    expect(
      inColumns(
        [
          ['口令', 'x'],
          ['server', 'y'],
        ],
        2,
      ),
    ).toEqual(['口令    x', 'server  y']);
  });
});

describe('every verb', () => {
  const HEAD = 'id,plate,category,legalBasis,issuer,authorisedBy,validFrom,validUntil,instruction';
  const row = (plate: string) => `E-1,${plate},stolen,x,y,z,2026-01-01 00:00,2099-01-01 00:00,w`;
  beforeAll(() => {
    const upstream = 'upstream: [{ id: room, kind: https, url: "https://127.0.0.1/", secret: "file:secret" }]';
    const crew = 'crew: { equipment: [{ id: broker, kind: broker, listen: { host: 127.0.0.1, port: 0 } }] }';
    const lanes =
      'cameras: [{ id: north, kind: folder, path: pictures }]\nlanes: [{ id: in, kind: road, cameras: [north] }]';
    const rest = `site: demo\nstorage: { folder: store }\nlists: { trust: trust/root.json }\n${lanes}\n${crew}\n${upstream}\n`;
    writeFileSync('box.yaml', rest);
    writeFileSync('bad.yaml', rest.replace('site: demo', 'site: Demo\nsyte: demo').replace('file:secret', 'file:none'));
    writeFileSync('secret', `whsec_${'c2l0ZWJveC1kZW1vLXNlY3JldC1mb3ItdGVzdHM='}`, { mode: 0o600 });
    mkdirSync('pictures');
    writeFileSync('good.csv', `${HEAD}\n${row('皖A12345')}\n`);
    writeFileSync('bad.csv', `${HEAD}\n${row('A12345')}\n`);
    const pair = generateKeyPairSync('x25519');
    writeFileSync('backup.pub', pair.publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync('backup.key', pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  });

  // In this order: each needs what those before it have made.
  it.each<[code: number, says: string, args: string]>([
    [0, '没有错误：站点 demo，1 条通道、1 台摄像机、队员装备接入 broker、1 个综合指挥室', 'check box.yaml'],
    [78, '没有这个键（是不是 `site`？）', 'check bad.yaml'],
    [78, 'none.yaml 读不了（ENOENT）', 'start none.yaml'],
    [0, '每把密钥交给不同的人保管', 'list new-root --out trust'],
    [64, '凑不够 --threshold 3', 'list new-root --out t2 --keys 2 --threshold 3'],
    [
      0,
      '签名已够数',
      'list sign good.csv --key trust/list-1.key --key trust/list-2.key --root trust/root.json --site demo --offset +08:00 --yes',
    ],
    [
      1,
      '第 2 行，车牌：应为以省份简称开头的号牌，例如 皖A12345\n1 处错误；没有签名',
      'list sign bad.csv --key trust/list-1.key --site demo --offset +08:00 --yes',
    ],
    [0, '有效：号牌布控名单第', 'list verify good.list.json --root trust/root.json'],
    [
      1,
      '拒绝（不是本站的）：名单属于站点 demo，不是 other',
      'list verify good.list.json --root trust/root.json --site other',
    ],
    [0, '新增 0，修改 0，撤销 0，不变 1', 'list diff good.list.json good.list.json --root trust/root.json'],
    [
      1,
      '拒绝（没有名单）：none.json 不存在；请检查 none.json 的写法',
      'list diff none.json none.json --root trust/root.json',
    ],
    [1, '里还没有存储', 'list show CONFIG'],
    [0, '信任根第 1 版已生效', 'list trust CONFIG --yes BY'],
    [0, '本机还没有这种名单', 'list import good.list.json CONFIG --yes BY'],
    [1, '拒绝（签名不足）：缺少 good.csv.sig；请把签名文件复制到它旁边', 'list import good.csv CONFIG --yes BY'],
    [0, '号牌布控名单：有效，第', 'list show CONFIG'],
    [64, '应写 名单文件 --root ROOT.JSON', 'list show'],
    [
      0,
      '签名还不够：信任根的第 1 版的根密钥须 2 个签名，现有 1 个，缺 1 个',
      'list rotate-root --root trust/root.json --key trust/root-1.key --out trust2',
    ],
    [
      64,
      'trust/list-1.key 是名单密钥；这里需要根密钥',
      'list rotate-root --root trust/root.json --key trust/list-1.key --out trust3',
    ],
    [0, '本机时钟显示', 'clock show CONFIG'],
    [0, '此后认定', 'clock set-trusted CONFIG --yes BY'],
    [1, '那个时间肯定已过', 'clock set-trusted 2020-01-01T00:00:00Z CONFIG --yes BY'],
    [
      0,
      '装备 cam-1 已登记：执法记录仪，民警，bodycam',
      'device add cam-1 --kind bodycam --role officer --protocol bodycam CONFIG BY',
    ],
    [
      1,
      '拒绝：装备 cam-1 已经登记；请先停用',
      'device add cam-1 --kind bodycam --role officer --protocol bodycam CONFIG BY',
    ],
    [
      64,
      '错误：选项 --kind <kind> 的值“tank”不对。可选：bodycam, drone, vehicle。',
      'device add cam-2 --kind tank CONFIG',
    ],
    [0, 'cam-1  执法记录仪  民警  bodycam  登记于', 'device list CONFIG'],
    [0, '登记以来，它发来的内容没有被拒绝或舍弃过', 'device show cam-1 CONFIG'],
    [1, '拒绝：装备 cam-9 从未登记', 'device show cam-9 CONFIG'],
    [0, '最近一小时没有任何位置', 'device where CONFIG BY --reason 搜救'],
    [64, '错误：缺少必需的选项 --reason <text>', 'device where CONFIG BY'],
    [0, '没有 cam-1 的位置记录', 'device track cam-1 CONFIG BY --reason 搜救'],
    [64, '应为 0.1 至 168 的数。', 'device track cam-1 --hours x CONFIG'],
    [0, '，发给 cam-1', 'order send --text 到东门 --to cam-1 CONFIG BY'],
    [1, '拒绝：装备 cam-9 没有登记，或已停用', 'order send --text 到东门 --to cam-9 CONFIG BY'],
    [0, '王警官下达（本站）  待发送 1', 'order list CONFIG'],
    [1, '拒绝：没有指令 1', 'order show 1 CONFIG'],
    [0, '', 'sos list CONFIG BY'],
    [1, '拒绝：没有求助 1', 'sos acknowledge 1 CONFIG BY'],
    [0, '战时  自', 'mode set heightened --hours 2 --reason 大客流 CONFIG BY'],
    [64, 'normal 不能带 --hours。', 'mode set normal --hours 2 --reason x CONFIG BY'],
    [0, '王警官（本站）：大客流', 'mode show CONFIG'],
    [0, '装备 cam-1 已停用', 'device revoke cam-1 CONFIG BY'],
    [1, '拒绝：装备 cam-1 没有登记，或已停用', 'device revoke cam-1 CONFIG BY'],
    [0, '个待发，0 个被拒收', 'outbox list CONFIG'],
    [64, '没有综合指挥室 other；已有：room', 'outbox list --relay other CONFIG'],
    [0, '已重新发送 0 个事件', 'outbox send-again --all CONFIG BY'],
    [64, '请写明事件编号，或用 --all。', 'outbox send-again CONFIG BY'],
    [0, '审计日志完整：共', 'audit CONFIG'],
    [1, '第 1 行没有记丢失；没有任何改动', 'audit --accept 1 CONFIG BY'],
    [0, '存储完好：用时', 'verify-store CONFIG'],
    [64, '--repair 要带 --by 姓名', 'verify-store --repair CONFIG'],
    [0, '本机不在安全模式。', 'safe-mode show CONFIG'],
    [1, '没有任何改动：本机不在安全模式。', 'safe-mode leave CONFIG BY'],
    [0, '旧密钥已销毁', 'rekey CONFIG BY'],
    [1, '没有丢失的密钥；没有任何改动', 'rekey --accept-loss CONFIG BY'],
    [0, '已用密钥', 'backup --to a.backup --key backup.pub CONFIG BY'],
    [1, 'backup.key 不是备份公钥：这是私钥，不能放在本机。', 'backup --to b.backup --key backup.key CONFIG BY'],
    [1, '拒绝：good.csv 不是 sitebox 的备份。没有任何改动。', 'restore good.csv --key backup.key CONFIG BY'],
    [0, '存储已恢复到', 'restore a.backup --key backup.key CONFIG BY'],
    [0, '最近 7 天没有求助', 'sos list CONFIG BY'],
    [64, '--csv 用于名单文件', 'list show --csv CONFIG'],
    [0, '号牌识别需要', 'models list'],
    [64, '没有模型 none；可下载的有', 'models fetch none'],
    [64, '错误：请至少写一张图片', 'read-plates'],
    [64, '错误：请写两张图片', 'compare-faces a.jpg'],
    [64, '错误：没有命令 lists\n（是不是 list？）', 'lists'],
  ])('%i %s', async (code, says, args) => {
    const result = await inChinese(
      ...args.replace('CONFIG', '--config box.yaml').replace('BY', '--by 王警官').split(' '),
    );
    const said = result.out + result.err;
    expect(said).toContain(says);
    expect([result.code, said]).toEqual([code, said]);
    // Titles and licences of models are those of their makers.
    if (!args.startsWith('models')) expect(said.replace(AS_TYPED, '')).not.toMatch(ENGLISH);
  });

  it('helps in Chinese, with columns that stand under each other', async () => {
    const { out, code } = await inChinese('device', 'add', '--help');
    expect(code).toBe(0);
    for (const text of [
      '用法：sitebox device add [选项] <id...>',
      '参数：',
      '选项：',
      '装备种类（可选：bodycam、drone、vehicle）',
    ])
      expect(out).toContain(text);
    expect(out.replace(AS_TYPED, '')).not.toMatch(ENGLISH);
    expect((await inChinese('verify-store', '--help')).out).not.toMatch(/options|默认|false/);
    const { out: all } = await inChinese('--help');
    expect(all).toContain('用法：sitebox [选项] [命令]');
    expect(all).toMatch(/命令：\n {2}start .* {2}运行本机，直到被中断\n/);
    expect(all).toMatch(/--lang <language> +提示信息的语言/);
  });

  it('gives JSON as ever', async () => {
    const lines = await inChinese('read-plates', '--json', 'none.jpg');
    expect(Object.keys(JSON.parse(lines.out) as object)).toEqual(['file', 'error']);
    expect(lines.err).toMatch(/^sitebox：none\.jpg：/);
  });
});
