import { describe, expect, it } from 'vitest';
import {
  decoderArguments,
  demuxArguments,
  explainStderr,
  frameBytes,
  inputScript,
  loginWithinLimit,
  rtspConfig,
} from './command.ts';

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

  it('refuses credentials that ffmpeg would cut short', () => {
    const fits = (password: string): boolean => loginWithinLimit('admin').safeParse({ password }).success;
    expect(fits('x'.repeat(121))).toBe(true);
    expect(fits('x'.repeat(122))).toBe(false);
    expect(fits('密'.repeat(14))).toBe(false);
  });
});

describe('the command', () => {
  it('holds neither address nor credentials: those go in by the script', () => {
    const text = [...demuxArguments(), ...decoderArguments(config)].join(' ');
    expect(text).not.toMatch(/admin|192\.0\.2\.10|env:P/);
    expect(inputScript(config, 'p:@/\'% \n"')).toContain(
      "file 'rtsp://admin:p%3A%40%2F%27%25%20%0A%22@192.0.2.10:554/stream1?a=1&b=2'\n",
    );
  });

  it('asks for TCP before the input is opened', () => {
    expect(inputScript(config, 'x')).toContain('\noption rtsp_transport tcp\n');
    const all = demuxArguments();
    expect(all.indexOf('-protocol_whitelist')).toBeLessThan(all.indexOf('-i'));
  });

  it('counts three bytes a pixel', () => expect(frameBytes({ width: 64, height: 66 })).toBe(64 * 66 * 3));
});

describe('causeOf', () => {
  it('turns what ffmpeg says into advice', () => {
    const said = (stderr: string): string => explainStderr(stderr, false);
    expect(said('[rtsp @ 0x5] method DESCRIBE failed: 401 Unauthorized')).toContain('user or password (401)');
    expect(said('[rtsp @ 0x5] method DESCRIBE failed: 404 Not Found')).toContain('no stream at this path');
    expect(said('[rtsp @ 0x5] method SETUP failed: 461 Unsupported')).toContain('over TCP');
    expect(said('[rtsp @ 0x5] method PLAY failed: 503 Busy')).toContain('error 503');
    expect(said('[tcp @ 0x5] Connection to tcp://h:1 failed: Connection refused')).toContain('nothing listens');
    expect(said('Failed to resolve hostname h: Name or service not known')).toContain('host name');
    expect(said('pipe:0: Invalid data found when processing input')).toContain('no RTSP camera answers there');
    expect(said("Stream map '0:v:0' matches no streams.")).toContain('no video');
    expect(said('')).toContain('before the first picture');
  });

  it('takes a damaged packet for no wrong address, and repeats nothing', () => {
    const stderr = "Impossible to open 'rtsp://admin:s3cr3t@h/1'\nError while decoding: Invalid data found";
    expect(explainStderr(stderr, true)).toBe('the camera ended the stream');
    expect(explainStderr(stderr, false)).not.toContain('s3cr3t');
  });
});
