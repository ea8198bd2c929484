import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redisPlace } from '#src/cluster/queue/redis-place.js';

const place = (url: string, environment: NodeJS.ProcessEnv = {}) => redisPlace(url, environment);

describe('the address of Redis', () => {
  it('comes from the URL, with user, password, database and TLS', () => {
    expect(place('redis://queue')?.login).toEqual({ host: 'queue', port: 6379, db: 0 });
    expect(place('rediss://me:a%2Fb%40c@[::1]:7000/3')?.login).toEqual({
      host: '::1',
      port: 7000,
      db: 3,
      username: 'me',
      password: 'a/b@c',
      tls: {},
    });
  });

  it('comes from the environment otherwise, which may also provide only the password', () => {
    const environment = { ALLPAIRS_REDIS_URL: 'redis://queue:1', ALLPAIRS_REDIS_PASSWORD: 'hidden' };
    expect(redisPlace(undefined, environment)?.login).toMatchObject({ host: 'queue', port: 1, password: 'hidden' });
    expect(place('redis://:given@other', environment)?.login).toMatchObject({ host: 'other', password: 'given' });
    expect(redisPlace(undefined, {})).toBeUndefined();
  });

  it('is shown without user and password, even if the whole object is printed', () => {
    const redis = place('rediss://me:hidden@queue:7000/3');
    expect(redis?.shown).toBe('rediss://queue:7000/3');
    for (const text of [inspect(redis, { depth: 9, showHidden: true }), JSON.stringify(redis), String(redis)]) {
      expect(text).not.toContain('hidden');
    }
    expect(redis?.conceal("unknown command 'HELLO', with args beginning with: 'me' 'hidden'")).not.toMatch(/hidden|'me'/);
  });

  it.each([
    'hidden',
    'http://me:hidden@queue',
    'redis://me:hid#den@queue',
    'redis://me:1/hidden@queue',
    'redis://hidden/queue',
    'redis://me:hidden%zz@queue',
    'redis://queue/1?password=hidden',
    'redis://',
  ])('is rejected if the URL is %s, in a message that does not repeat it', (url) => {
    expect(() => place(url)).toThrow(/expected a Redis URL/);
    expect(() => place(url)).not.toThrow(/hid|den/);
  });
});
