import { describe, expect, it } from 'vitest';
import { decoderArguments, demuxArguments, frameBytes, inputScript, rtspConfig } from './command.ts';

const config = rtspConfig.parse({ url: 'rtsp://192.0.2.10:554/stream1?a=1&b=2', user: 'admin', password: 'env:P' });
const problems = (value: unknown): string =>
  rtspConfig
    .safeParse(value)
    .error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`)
    .join('\n') ?? 'none';

describe('configuration', () => {
  it('has the defaults of a road camera', () => {
    expect(rtspConfig.parse({ url: 'rtsp://192.0.2.10/1' })).toMatchObject({
      fps: 5,
      width: 1280,
      height: 720,
      rotate: 0,
    });
  });

  it('refuses credentials in the address, and repeats no part of it', () => {
    for (const url of [
      'rtsp://admin:s3cr3t@192.0.2.10/1',
      'rtsp://a:s3cr3t/@h/1',
      'rtsp://:s3cr3t@',
      'RTSP://s3cr3t@h',
    ]) {
      expect(problems({ url })).toContain('put them in `user` and `password`');
      expect(problems({ url })).not.toContain('s3cr3t');
    }
  });

  it('says what an address looks like', () => {
    for (const url of ['192.0.2.10', 'rtsp://', 'camera one', 'rtsp://h/a b', "rtsp://h/'", 'rtsp://h/\noption x y']) {
      expect(problems({ url })).toContain('rtsp://192.0.2.10:554/stream1');
    }
    expect(problems({ url: 'http://192.0.2.10/x' })).toContain('not http://');
  });

  it('refuses a password without a user, odd sizes, other turns and unknown keys', () => {
    const url = 'rtsp://192.0.2.10/1';
    expect(problems({ url, password: 'env:P' })).toContain('expected a user');
    expect(problems({ url, width: 641 })).toContain('even number');
    expect(problems({ url, rotate: 45 })).toContain('rotate');
    expect(problems({ url, pasword: 'x' })).toContain('pasword');
  });
});

describe('the command', () => {
  it('holds neither address nor credentials: the address goes in by the script', () => {
    const text = [...demuxArguments(), ...decoderArguments(config)].join(' ');
    expect(text).not.toMatch(/admin|192\.0\.2\.10|env:P/);
    expect(inputScript(config.url)).toContain("file 'rtsp://192.0.2.10:554/stream1?a=1&b=2'\n");
  });

  it('asks for its transport before the input is opened', () => {
    expect(inputScript(config.url)).toContain('\noption rtsp_transport tcp\n');
    expect(inputScript(config.url, 'udp')).toContain('\noption rtsp_transport udp\n');
    expect(problems({ url: config.url, transport: 'multicast' })).toContain('transport');
    const all = demuxArguments();
    expect(all.indexOf('-protocol_whitelist')).toBeLessThan(all.indexOf('-i'));
  });

  it('counts three bytes a pixel', () => expect(frameBytes({ width: 64, height: 66 })).toBe(64 * 66 * 3));
});
