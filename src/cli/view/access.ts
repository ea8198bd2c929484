// Decides which requests the server accepts: those of its own page, and of users who were given its address. Other pages in the same
// browser can also reach a server on this machine, and other programs can guess its port.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export class Access {
  /** The first part of every path, so that the page's relative addresses include it. */
  readonly token: string = randomBytes(32).toString('base64url');
  private readonly origins: readonly string[];
  private readonly hosts: readonly string[];

  constructor(port: number) {
    // As browsers send them: without the port if it is the default one.
    const urls = ['127.0.0.1', 'localhost'].map((name) => new URL(`http://${name}:${port}`));
    this.origins = urls.map(({ origin }) => origin);
    this.hosts = urls.map(({ host }) => host);
  }

  /** The address of the page. */
  get address(): string {
    return `${this.origins[0]}/${this.token}/`;
  }

  /** True if a request with these headers does not come from another page. */
  allowsFrom({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
    // A page whose own host name resolves to this machine would send that name as the host.
    if (host === undefined || !this.hosts.includes(host)) return false;
    if (origin !== undefined && !this.origins.includes(origin)) return false;
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  /** Compares in constant time, so that the duration reveals nothing about the token. */
  isToken(given: string): boolean {
    return timingSafeEqual(hashOf(given), hashOf(this.token));
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
